package dev.tokentally.pricing;

import jakarta.json.JsonNumber;
import jakarta.json.JsonValue;
import java.math.BigDecimal;
import java.math.MathContext;

/** Prices of published lists, which programs write. */
final class PriceNumber {

    /** What a program that computes with binary fractions adds to a price lies behind them. */
    private static final MathContext DIGITS = new MathContext(13);

    /** Of a price as it is used: what is smaller is none. */
    private static final int MOST_DECIMALS = 24;

    private PriceNumber() {}

    /**
     * A number, moved by powers of ten.
     *
     * @return null where the value is null
     * @throws UnusableException when it is no price
     */
    static BigDecimal of(String field, JsonValue value, int moved) throws UnusableException {
        if (value == null || value == JsonValue.NULL) {
            return null;
        }
        if (!(value instanceof JsonNumber number)) {
            throw new UnusableException(field + " is no number");
        }
        BigDecimal price = number.bigDecimalValue().movePointRight(moved);
        if (price.signum() != 0) {
            price = price.round(DIGITS).stripTrailingZeros();
        }
        if (price.signum() == 0) {
            return BigDecimal.ZERO;
        }
        String fault = price.scale() > MOST_DECIMALS ? "is too small" : PriceText.rangeFault(price);
        if (fault != null) {
            throw new UnusableException(field + " " + fault);
        }
        return price;
    }

    /** Says why an entry of a list cannot be used, as the end of a sentence. */
    static final class UnusableException extends Exception {

        private static final long serialVersionUID = 1L;

        UnusableException(String message) {
            super(message, null, false, false);
        }
    }
}
