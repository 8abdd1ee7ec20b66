package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A figure on a page.
 *
 * @param value the value for machines
 * @param text the text for people
 */
record Shown(BigDecimal value, String text) {

    private static final Pattern TEXT = Pattern.compile("\\$?([0-9,]+(?:\\.[0-9]+)?)(K|M|B|| ms| s)");
    private static final Map<String, BigDecimal> UNITS = Map.of(
            "K", BigDecimal.valueOf(1_000),
            "M", BigDecimal.valueOf(1_000_000),
            "B", BigDecimal.valueOf(1_000_000_000),
            "", BigDecimal.ONE,
            " ms", BigDecimal.ONE,
            " s", BigDecimal.valueOf(1_000));

    private static final BigDecimal HALF = new BigDecimal("0.5");

    /** JavaScript has doubles, which hold fifteen digits. */
    private static final BigDecimal PRECISION = new BigDecimal("1e-12");

    static Shown of(Map<?, ?> figure) {
        return new Shown(new BigDecimal((String) figure.get("value")), (String) figure.get("text"));
    }

    /** Fails if machines do not get exactly this number, or if people do not see it rounded correctly to its last digit. */
    void is(String what, BigDecimal right) {
        assertThat(value.subtract(right).abs())
                .as(what + " says " + value + " for " + right)
                .isLessThanOrEqualTo(right.abs().multiply(PRECISION));
        if (text.equals("–") || text.equals("unpriced")) {
            assertThat(right).as(what).isZero();
            return;
        }
        Matcher parts = TEXT.matcher(text);
        assertThat(parts.matches()).as(what + " shows " + text).isTrue();
        BigDecimal shown = new BigDecimal(parts.group(1).replace(",", ""));
        BigDecimal unit = UNITS.get(parts.group(2));
        BigDecimal lastDigit = unit.movePointLeft(shown.scale());
        assertThat(shown.multiply(unit).subtract(right).abs())
                .as(what + " shows " + text + " for " + right)
                .isLessThanOrEqualTo(lastDigit.multiply(HALF).add(right.multiply(PRECISION)));
        assertThat(shown.signum()).as(what + " shows " + text + " for " + right).isEqualTo(right.signum());
    }
}
