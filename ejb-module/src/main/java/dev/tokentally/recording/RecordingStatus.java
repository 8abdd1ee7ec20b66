package dev.tokentally.recording;

import dev.tokentally.config.RecordingMode;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What recording is doing.
 *
 * @param mode when a record is written to the store
 * @param storeDownSince since when the store takes no records and calls no longer wait for it; null while it takes them
 * @param waiting how many records wait in the spool, those of earlier runs too
 * @param oldest when the call of the record that is next in turn started; null when none waits
 * @param rejected how many records are set aside, as the store refused them while it took others; those of earlier runs too
 * @param dropped how many records were lost since the start, as neither the store nor the spool took them, or as too many were
 *     refused
 * @param withoutScope how many calls since the start were made outside a call scope and have no record; those that were
 *     refused for that are not among them
 * @param damaged how often bytes of the spool were found damaged since the start
 * @param directory where the spool is
 */
public record RecordingStatus(
        RecordingMode mode,
        Instant storeDownSince,
        long waiting,
        Instant oldest,
        long rejected,
        long dropped,
        long withoutScope,
        long damaged,
        Path directory) {

    /**
     * The circuit breaker's state.
     *
     * @return {@code closed} while calls write to the store, {@code open} while they leave their records to the spool; then only
     *     those for which it has no room try the store
     */
    public String circuit() {
        return storeDownSince == null ? "closed" : "open";
    }
}
