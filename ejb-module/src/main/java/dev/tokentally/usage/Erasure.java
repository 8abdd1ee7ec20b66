package dev.tokentally.usage;

import java.time.Instant;
import java.util.UUID;

/**
 * How far the erasing of a user is. Does not have the user's name.
 *
 * @param id which one
 * @param tenantId whose user it is
 * @param state how it is doing
 * @param rowsDone how many rows have got the pseudonym
 * @param rowsTotal how many had the name when they were counted, and at the end how many there were; null before they are counted
 * @param startedAt when it was asked for, by the store's clock: calls that began before are erased
 * @param endedAt when it ended; null while it has not
 * @param round how often a late record has made it begin again
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
