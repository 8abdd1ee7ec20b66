package dev.tokentally.persistence;

import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallRecord;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;

/**
 * A record as a row of {@code llm_calls}. JPA only persists it. Rows are never found, merged or changed as entities, since on a
 * partitioned PostgreSQL table a search by id alone reads every partition.
 */
@Entity
@Table(name = "llm_calls")
class LlmCall {

    @Id
    private UUID id;

    @Column(name = "call_id")
    private UUID callId;

    @Column(name = "tenant_id")
    private String tenantId;

    private String operation;

    /** It is no Instant, since EclipseLink passes an Instant to the driver as it is, and PostgreSQL's driver does not accept it. */
    @Column(name = "started_at")
    private OffsetDateTime startedAt;

    @Column(name = "call_duration_ms")
    private long callDurationMs;

    @Column(name = "first_token_ms")
    private Long firstTokenMs;

    private String provider;

    private String model;

    @Column(name = "input_tokens")
    private int inputTokens;

    @Column(name = "output_tokens")
    private int outputTokens;

    @Column(name = "cached_input_tokens")
    private int cachedInputTokens;

    @Column(name = "cache_write_tokens")
    private int cacheWriteTokens;

    @Column(name = "reasoning_tokens")
    private int reasoningTokens;

    @Column(name = "cost_usd", precision = CallRecord.COST_PRECISION, scale = CallRecord.COST_SCALE)
    private BigDecimal costUsd;

    @Column(name = "cost_source")
    private String costSource;

    private String status;

    @Column(name = "error_class")
    private String errorClass;

    @Column(name = "service_tier")
    private String serviceTier;

    private String kind;

    private String meters;

    @Column(name = "usage_doubts")
    private String usageDoubts;

    @Column(name = "user_id")
    private String userId;

    @Column(name = "session_id")
    private String sessionId;

    private String environment;

    private String tags;

    @Column(name = "trace_id")
    private String traceId;

    @Column(name = "span_id")
    private String spanId;

    @Column(name = "response_id")
    private String responseId;

    @Column(name = "requested_model")
    private String requestedModel;

    /** For the provider. */
    protected LlmCall() {}

    LlmCall(CallRecord call) {
        id = call.id();
        callId = call.callId();
        tenantId = call.tenantId();
        operation = call.operation();
        startedAt = call.startedAt().atOffset(ZoneOffset.UTC);
        callDurationMs = call.callDuration().toMillis();
        firstTokenMs =
                call.firstToken() == null ? null : (Long) call.firstToken().toMillis();
        provider = call.provider();
        model = call.model();
        inputTokens = call.tokens().input();
        outputTokens = call.tokens().output();
        cachedInputTokens = call.tokens().cachedInput();
        cacheWriteTokens = call.tokens().cacheWrite();
        reasoningTokens = call.tokens().reasoning();
        costUsd = call.costUsd();
        costSource = call.costSource().label();
        status = call.status().label();
        errorClass = call.errorClass();
        serviceTier = call.usage().serviceTier();
        kind = call.usage().kind();
        meters = CallColumn.METERS.of(call);
        usageDoubts = CallColumn.USAGE_DOUBTS.of(call);
        userId = call.origin().userId();
        sessionId = call.origin().sessionId();
        environment = call.origin().environment();
        tags = call.origin().tags();
        traceId = call.links().traceId();
        spanId = call.links().spanId();
        responseId = call.links().responseId();
        requestedModel = call.usage().requestedModel();
    }
}
