package dev.tokentally.pricing;

import dev.tokentally.text.OneLine;
import java.math.BigDecimal;

/** Checks prices that people and programs wrote, and makes their texts safe to quote. */
final class PriceText {

    /**
     * The highest price, in US dollars for a million tokens. No model costs nearly as much, so this finds prices for a
     * wrong number of tokens.
     */
    private static final BigDecimal HIGHEST = new BigDecimal("100000");

    /**
     * The most decimals of a price for a million tokens. No vendor uses more; they come from programs that compute with
     * binary numbers.
     */
    private static final int DECIMALS = 12;

    private static final int SHOWN = 100;

    private PriceText() {}

    /**
     * Says what is wrong with a price, as the end of a sentence; null if nothing is. It takes no longer for a number with a huge
     * exponent.
     */
    static String fault(BigDecimal price) {
        String fault = rangeFault(price);
        return fault == null && price.scale() > DECIMALS ? "has more than " + DECIMALS + " decimals" : fault;
    }

    /** Does the same for a rounded price, but does not check the number of decimals. */
    static String rangeFault(BigDecimal price) {
        if (price.signum() < 0) {
            return "must not be negative";
        }
        return price.compareTo(HIGHEST) > 0
                ? "is more than " + HIGHEST.toPlainString() + " dollars for a million tokens"
                : null;
    }

    /** The text in quotation marks, shortened, and without characters that could end a log line. */
    static String shown(String text) {
        return '"' + OneLine.of(text, SHOWN) + '"';
    }
}
