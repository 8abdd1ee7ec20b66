package dev.tokentally.usage;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;

/**
 * One attempt to call a model: a row of {@code llm_calls}. A record that exists can be stored. It never holds a prompt,
 * an answer or an exception's message.
 *
 * @param id of this attempt: a UUIDv7, made before the first try to write it, so that no retry makes a second row
 * @param callId what all calls of one scope share
 * @param tenantId who pays; at most {@value #TENANT_LENGTH} characters
 * @param operation what for; at most {@value #OPERATION_LENGTH} characters
 * @param startedAt when the call started, by the wall clock, in microseconds
 * @param callDuration how long it took, by the monotonic clock; stored in whole milliseconds
 * @param firstToken how long until the first token of a streamed answer; null where there was none
 * @param provider who ran the model; empty when unknown; at most {@value #PROVIDER_LENGTH} characters
 * @param model which model answered; empty when unknown; at most {@value #MODEL_LENGTH} characters
 * @param tokens what it used
 * @param costUsd what it costs in US dollars, with {@value #COST_SCALE} decimals; 0 when not known
 * @param costSource who said so
 * @param status how it ended
 * @param errorClass the simple name of the class of what was thrown, at most {@value #ERROR_CLASS_LENGTH} characters;
 *     set exactly when the status is {@link CallStatus#ERROR}, else null
 */
public record CallRecord(
        UUID id,
        UUID callId,
        String tenantId,
        String operation,
        Instant startedAt,
        Duration callDuration,
        Duration firstToken,
        String provider,
        String model,
        TokenCounts tokens,
        BigDecimal costUsd,
        CostSource costSource,
        CallStatus status,
        String errorClass) {

    /** Of {@code tenant_id}, in UTF-16 units, as all lengths here: H2 counts so, and PostgreSQL's count is never larger. */
    public static final int TENANT_LENGTH = 255;

    /** Of {@code operation}. */
    public static final int OPERATION_LENGTH = 64;

    /** Of {@code provider}. */
    public static final int PROVIDER_LENGTH = 64;

    /** Of {@code model}. */
    public static final int MODEL_LENGTH = 255;

    /** Of {@code error_class}. */
    public static final int ERROR_CLASS_LENGTH = 128;

    /** Decimals of {@code cost_usd}. */
    public static final int COST_SCALE = 10;

    /** Digits of {@code cost_usd}, decimals included. */
    public static final int COST_PRECISION = 20;

    /**
     * Refuses what could not be stored.
     *
     * @throws NullPointerException when a component is null that may not be; the message names it
     * @throws IllegalArgumentException when one does not fit its column; the message names it
     */
    public CallRecord {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(callId, "callId");
        fits("tenantId", tenantId, TENANT_LENGTH);
        fits("operation", operation, OPERATION_LENGTH);
        startedAt = startedAt.truncatedTo(ChronoUnit.MICROS);
        callDuration = inMillis("callDuration", callDuration);
        firstToken = firstToken == null ? null : inMillis("firstToken", firstToken);
        fits("provider", provider, PROVIDER_LENGTH);
        fits("model", model, MODEL_LENGTH);
        Objects.requireNonNull(tokens, "tokens");
        if (costUsd.signum() < 0 || costUsd.scale() != COST_SCALE || costUsd.precision() > COST_PRECISION) {
            throw new IllegalArgumentException("costUsd does not fit numeric(20,10): " + costUsd);
        }
        Objects.requireNonNull(costSource, "costSource");
        Objects.requireNonNull(status, "status");
        if ((status == CallStatus.ERROR) != (errorClass != null)) {
            throw new IllegalArgumentException("errorClass is set exactly when the status is ERROR");
        }
        if (errorClass != null) {
            fits("errorClass", errorClass, ERROR_CLASS_LENGTH);
        }
    }

    /**
     * The same call with another cost.
     *
     * @param usd US dollars
     * @param source who says so
     * @return a copy
     */
    public CallRecord withCost(BigDecimal usd, CostSource source) {
        return new CallRecord(
                id,
                callId,
                tenantId,
                operation,
                startedAt,
                callDuration,
                firstToken,
                provider,
                model,
                tokens,
                usd,
                source,
                status,
                errorClass);
    }

    private static void fits(String field, String value, int maxLength) {
        Objects.requireNonNull(value, field);
        if (value.length() > maxLength) {
            throw new IllegalArgumentException(field + " is longer than " + maxLength + " characters");
        }
    }

    private static Duration inMillis(String field, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(field + " must not be negative: " + value);
        }
        return Duration.ofMillis(value.toMillis());
    }
}
