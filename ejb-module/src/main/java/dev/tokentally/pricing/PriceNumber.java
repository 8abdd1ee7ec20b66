package dev.tokentally.pricing;

import jakarta.json.JsonNumber;
import jakarta.json.JsonValue;
import java.math.BigDecimal;
import java.math.MathContext;

/** Reads the prices of published lists, which programs write. */
final class PriceNumber {

    /** The digits that are kept. Programs that compute with binary fractions add errors in later digits. */
    private static final MathContext DIGITS = new MathContext(13);

    /** The most decimals of a price. A smaller number is no price. */
    private static final int MOST_DECIMALS = 24;

    private PriceNumber() {}

    /**
     * Reads a price and moves its decimal point to the right.
     *
     * @return the price; null if the value is null
     * @throws UnusableException when the value is not a possible price
     */
    static BigDecimal of(String field, JsonValue value, int moved) throws UnusableException {
        if (value == null || value == JsonValue.NULL) {
            return null;
        }
        if (!(value instanceof JsonNumber number)) {
            throw new UnusableException(field + " is no number");
        }
        BigDecimal price;
        try {
            // Moving the point would write out all zeros of 1e999999999.
            price = number.bigDecimalValue().scaleByPowerOfTen(moved);
            if (price.signum() != 0) {
                price = price.round(DIGITS).stripTrailingZeros();
            }
        } catch (ArithmeticException absurdExponent) {
            throw new UnusableException(field + " is no possible price");
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

    /** An entry of a list cannot be used. The message says why and is the end of a sentence. */
    static final class UnusableException extends Exception {

        private static final long serialVersionUID = 1L;

        UnusableException(String message) {
            super(message, null, false, false);
        }
    }
}
