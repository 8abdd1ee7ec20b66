package dev.tokentally.scope;

import java.util.Locale;
import java.util.UUID;

/**
 * What a scope says of the calls inside it; a value that exists can be stored.
 *
 * @param insideCall whether a call is under way that counts for all that is asked in it
 */
record Scope(String tenantId, String operation, UUID callId, boolean insideCall) {

    /** As wide as the column of the same name in {@code llm_calls}. */
    private static final int TENANT_LENGTH = 255;

    /** As wide as the column of the same name in {@code llm_calls}. */
    private static final int OPERATION_LENGTH = 64;

    Scope {
        check("tenantId", tenantId, TENANT_LENGTH);
        check("operation", operation, OPERATION_LENGTH);
        if (callId == null) {
            throw new IllegalArgumentException("callId must not be null");
        }
    }

    Scope(String tenantId, String operation, UUID callId) {
        this(tenantId, operation, callId, false);
    }

    /** Checked here and not when a record is written, since then it is too late to tell the one who got it wrong. */
    private static void check(String field, String value, int maxLength) {
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
