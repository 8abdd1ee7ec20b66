package dev.tokentally.usage;

import java.time.Instant;
import java.util.UUID;

/**
 * What is shown of a record that the store refused while it took others.
 *
 * @param id of the record
 * @param tenantId who pays
 * @param operation what for
 * @param startedAt when the call started
 * @param rejectedAt when the store refused it first
 * @param tries how often it was tried again
 * @param nextTry when it is tried again by itself; null when it is only tried on demand
 * @param reason what the store said last
 * @param application where it is
 * @param node where that is
 */
public record RejectedCall(
        UUID id,
        String tenantId,
        String operation,
        Instant startedAt,
        Instant rejectedAt,
        int tries,
        Instant nextTry,
        String reason,
        String application,
        String node) {}
