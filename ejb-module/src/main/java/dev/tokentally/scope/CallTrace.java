package dev.tokentally.scope;

import java.util.Objects;

/**
 * Where a call stands in a distributed trace, in the spelling of W3C Trace Context.
 *
 * @param traceId 32 lower-case hex digits, not all of them 0
 * @param spanId 16 lower-case hex digits, not all of them 0
 */
public record CallTrace(String traceId, String spanId) {

    static final int TRACE_LENGTH = 32;
    static final int SPAN_LENGTH = 16;

    /**
     * Refuses ids that no trace or span can have.
     *
     * @throws NullPointerException when a component is null; the message names it
     * @throws IllegalArgumentException when one is wrong; the message names it and never shows the value
     */
    public CallTrace {
        check("traceId", traceId, TRACE_LENGTH);
        check("spanId", spanId, SPAN_LENGTH);
    }

    private static void check(String field, String id, int length) {
        Objects.requireNonNull(id, field);
        if (!isId(id, length)) {
            throw new IllegalArgumentException(
                    field + " must be " + length + " lower-case hex digits that are not all 0");
        }
    }

    static boolean isId(String text, int length) {
        return text.length() == length && isHex(text) && text.chars().anyMatch(digit -> digit != '0');
    }

    static boolean isHex(String text) {
        return text.chars().allMatch(digit -> digit >= '0' && digit <= '9' || digit >= 'a' && digit <= 'f');
    }
}
