package dev.tokentally.usage;

import java.time.Instant;

/**
 * What was dropped of the table of calls, as {@code tokentally.retention.calls} says.
 *
 * @param keptFrom calls that started before it were dropped, or are being dropped; null if none were
 * @param droppedCalls how many calls were dropped
 * @param tooOld how many records came when calls of their time were already dropped; they are set aside
 */
public record Retention(Instant keptFrom, long droppedCalls, long tooOld) {

    /** Nothing was dropped. */
    public static final Retention NONE = new Retention(null, 0, 0);
}
