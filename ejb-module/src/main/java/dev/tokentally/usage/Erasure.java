package dev.tokentally.usage;

import java.time.Instant;
import java.util.UUID;

/**
 * The progress of erasing a user. It does not contain the user's name.
 *
 * @param id the id of the erasure
 * @param tenantId the user's tenant
 * @param state its state
 * @param rowsDone how many rows have the pseudonym already
 * @param rowsTotal how many rows had the name when they were counted; at the end, how many there were in all; null
 *     before the count
 * @param startedAt when it was requested, by the store's clock; it erases the user from calls that began before
 * @param endedAt when it ended; null while it has not
 * @param round how often it began again because of a late record
 */
public record Erasure(
        UUID id,
        String tenantId,
        ErasureState state,
        long rowsDone,
        Long rowsTotal,
        Instant startedAt,
        Instant endedAt,
        long round) {}
