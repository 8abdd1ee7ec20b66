package dev.tokentally.web.json;

import java.math.BigDecimal;

/**
 * A number that JSON-P writes as people write it. JSON-P promises to write a {@link BigDecimal} by its {@code
 * toString}, which is 1E-7 for a small price.
 */
public final class PlainDecimal extends BigDecimal {

    private static final long serialVersionUID = 1L;

    private PlainDecimal(String plain) {
        super(plain);
    }

    /**
     * The same number without trailing zeros.
     *
     * @param number any number
     * @return its plain form
     */
    public static PlainDecimal of(BigDecimal number) {
        return new PlainDecimal(number.stripTrailingZeros().toPlainString());
    }

    @Override
    public String toString() {
        return toPlainString();
    }
}
