package dev.tokentally.scope;

import java.util.Locale;

/** Checks a text of a scope when it is given and not when a record is written, since then it is too late to tell who got it wrong. */
final class ScopeText {

    private ScopeText() {}

    /**
     * Lets through what can be stored and logged.
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
            if (breaksALine(codePoint)) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "%s must not hold a control character, found U+%04X at index %d",
                        field,
                        codePoint,
                        i));
            }
            if (Character.getType(codePoint) == Character.SURROGATE) {
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

    /** Unicode's own line and paragraph separators are no control characters, but end a line in many a log viewer. */
    private static boolean breaksALine(int codePoint) {
        return Character.isISOControl(codePoint)
                || Character.getType(codePoint) == Character.LINE_SEPARATOR
                || Character.getType(codePoint) == Character.PARAGRAPH_SEPARATOR;
    }
}
