package dev.tokentally.scope;

import dev.tokentally.text.CodePoint;
import java.util.Locale;

/**
 * Checks a text of a scope when it is given. When a record is written, it would be too late to find out who gave the wrong text.
 */
final class ScopeText {

    private ScopeText() {}

    /**
     * Accepts a text that can be stored and logged.
     *
     * @throws IllegalArgumentException when it cannot; the message names the field and never shows the value
     */
    static void check(String field, String value, int maxLength) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(field + " must not be blank");
        }
        if (value.length() > maxLength) {
            throw new IllegalArgumentException(
                    field + " has " + value.length() + " characters, at most " + maxLength + " are allowed");
        }
        for (int i = 0; i < value.length(); ) {
            int codePoint = value.codePointAt(i);
            if (CodePoint.breaksALine(codePoint)) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "%s must not hold a control character, found U+%04X at index %d",
                        field,
                        codePoint,
                        i));
            }
            if (CodePoint.isHalf(codePoint)) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "%s must be valid Unicode, found half a character (U+%04X) at index %d",
                        field,
                        codePoint,
                        i));
            }
            i += Character.charCount(codePoint);
        }
    }
}
