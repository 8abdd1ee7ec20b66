package dev.tokentally.persistence;

import dev.tokentally.config.UserHash;
import dev.tokentally.usage.CallRecord;
import java.time.Instant;
import java.util.UUID;

/**
 * The part of a request to erase a user that the store keeps.
 *
 * @param number the request's number, which is one larger than that of the request before; a request with a larger number becomes
 *     visible later
 * @param userHash the hash of the name
 * @param keyCheck shows whether a key is the one with which the hash was made
 * @param pseudonym what replaces the name
 * @param askedAt the time by the store's clock; calls that began before are erased
 */
record AskedErasure(
        UUID id, long number, String tenantId, String userHash, String keyCheck, String pseudonym, Instant askedAt) {

    /** A value that no application would use for a user. */
    private static final String KEY_CHECK = "\u0000tokentally";

    static String keyCheck(UserHash hash) {
        return hash.of(KEY_CHECK);
    }

    /** Whether the call began before the request. */
    boolean concerns(CallRecord call) {
        return call.startedAt().isBefore(askedAt);
    }

    /**
     * Whether the row's call began before the request. A row that existed at the time of the request began before it, whatever the
     * clock of its node said.
     */
    boolean concerns(UserRow row) {
        return row.user() != null
                && (row.startedAt().isBefore(askedAt) || row.createdAt().isBefore(askedAt));
    }
}
