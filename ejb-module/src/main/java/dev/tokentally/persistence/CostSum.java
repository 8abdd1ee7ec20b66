package dev.tokentally.persistence;

import java.math.BigDecimal;

/**
 * Adds up costs, with the same result as {@link BigDecimal#add}. Nearly all costs have the same scale and few digits, and their digits
 * are added without an object for each.
 */
final class CostSum {

    private BigDecimal others = BigDecimal.ZERO;
    private long digits;
    private int scale;

    void add(BigDecimal cost) {
        others = others.add(cost);
    }

    void add(long moreDigits, int ofScale) {
        long sum = digits + moreDigits;
        boolean isTooLarge = ((digits ^ sum) & (moreDigits ^ sum)) < 0;
        if (ofScale == scale && !isTooLarge) {
            digits = sum;
        } else {
            others = total();
            digits = moreDigits;
            scale = ofScale;
        }
    }

    BigDecimal total() {
        return others.add(BigDecimal.valueOf(digits, scale));
    }
}
