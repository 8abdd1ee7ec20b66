package dev.tokentally.usage;

import java.time.Instant;
import java.util.UUID;

/**
 * What is published about a record that the store refused while it took others.
 *
 * @param id the id of the record
 * @param tenantId the tenant that pays
 * @param operation the operation that the call belongs to
 * @param startedAt when the call started
 * @param rejectedAt when the store first refused it
 * @param tries how often it was tried again
 * @param nextTry when it is next tried automatically; null if it is only tried on request
 * @param reason why the store refused it last
 * @param application the application that has set it aside
 * @param node the node of that application
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
