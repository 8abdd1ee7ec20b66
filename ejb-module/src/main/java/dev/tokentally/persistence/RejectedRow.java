package dev.tokentally.persistence;

import dev.tokentally.usage.RejectedCall;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;

/**
 * The data of a refused record that is shown, as a row of {@code tokentally_rejected}. Like {@link LlmCall}, it is only persisted.
 */
@Entity
@Table(name = "tokentally_rejected")
class RejectedRow {

    @Id
    private UUID id;

    @Column(name = "node_id")
    private UUID nodeId;

    @Column(name = "tenant_id")
    private String tenantId;

    private String operation;

    @Column(name = "started_at")
    private OffsetDateTime startedAt;

    @Column(name = "rejected_at")
    private OffsetDateTime rejectedAt;

    private int tries;

    @Column(name = "next_try")
    private OffsetDateTime nextTry;

    private String reason;

    /** For the provider. */
    protected RejectedRow() {}

    RejectedRow(UUID node, RejectedCall call) {
        id = call.id();
        nodeId = node;
        tenantId = call.tenantId();
        operation = call.operation();
        startedAt = utc(call.startedAt());
        rejectedAt = utc(call.rejectedAt());
        tries = call.tries();
        nextTry = call.nextTry() == null ? null : utc(call.nextTry());
        reason = call.reason();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
