package dev.tokentally.pricing;

import dev.tokentally.text.OneLine;
import java.math.BigDecimal;

/** Prices as people and programs write them, and what may stand in a message of what they wrote. */
final class PriceText {

    /** US dollars for a million tokens: no model is near it, so that a price for another number of tokens shows. */
    private static final BigDecimal HIGHEST = new BigDecimal("100000");

    /** Of a price for a million tokens. More come from a program that computes with binary numbers, not from a vendor. */
    private static final int DECIMALS = 12;

    private static final int SHOWN = 100;

    private PriceText() {}

    /** What is wrong with a price, as the end of a sentence; null when it is all right. Cheap for any exponent. */
    static String fault(BigDecimal price) {
        String fault = rangeFault(price);
        return fault == null && price.scale() > DECIMALS ? "has more than " + DECIMALS + " decimals" : fault;
    }

    /** The same for a price of which digits were rounded away. */
    static String rangeFault(BigDecimal price) {
        if (price.signum() < 0) {
            return "must not be negative";
        }
        return price.compareTo(HIGHEST) > 0
                ? "is more than " + HIGHEST.toPlainString() + " dollars for a million tokens"
                : null;
    }

    /** In quotation marks, without what could end a log line or fill the log. */
    static String shown(String text) {
        return '"' + OneLine.of(text, SHOWN) + '"';
    }
}
