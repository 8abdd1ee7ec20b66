package dev.tokentally.persistence;

import dev.tokentally.config.UserHash;
import dev.tokentally.usage.CallRecord;
import java.time.Instant;
import java.util.UUID;

/**
 * What stays of a request to erase a user.
 *
 * @param number each is one larger than the one before, in the order in which they can be seen
 * @param userHash the hash of the name
 * @param keyCheck tells whether a key is the one that the hash was made with
 * @param pseudonym what stands in the name's place
 * @param askedAt by the store's clock; calls that began before are meant
 */
record AskedErasure(
        UUID id, long number, String tenantId, String userHash, String keyCheck, String pseudonym, Instant askedAt) {

    /** What no application would take for a user. */
    private static final String KEY_CHECK = "\u0000tokentally";

    static String keyCheck(UserHash hash) {
        return hash.of(KEY_CHECK);
    }

    /** Whether the call began before. */
    boolean concerns(CallRecord call) {
        return call.startedAt().isBefore(askedAt);
    }

    /** Whether the row's call began before. A row that was there by then tells so whatever its own clock said. */
    boolean concerns(UserRow row) {
        return row.user() != null
                && (row.startedAt().isBefore(askedAt) || row.createdAt().isBefore(askedAt));
    }
}
