package dev.tokentally.usage;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * One attempt to call a model, which is one row of {@code llm_calls}. {@link CallColumn} lists the columns. Every
 * record that exists can be stored. A record never contains a prompt, an answer or an exception's message.
 *
 * @param id the id of this attempt: a UUIDv7, made before the first try to write it, so that no retry makes a second
 *     row
 * @param origin who made the call and for which operation
 * @param timing when it was made and how long it took
 * @param usage what it used
 * @param cost what it costs
 * @param outcome how it ended
 * @param links its names in other systems
 */
public record CallRecord(
        UUID id,
        CallOrigin origin,
        CallTiming timing,
        CallUsage usage,
        Cost cost,
        CallOutcome outcome,
        CallLinks links) {

    /**
     * The longest {@code tenant_id}. All lengths here are in UTF-16 units: H2 counts so, and PostgreSQL's count is
     * never larger.
     */
    public static final int TENANT_LENGTH = 255;

    /** The longest {@code operation}. */
    public static final int OPERATION_LENGTH = 64;

    /** The longest {@code provider}. */
    public static final int PROVIDER_LENGTH = 64;

    /** The longest {@code model} and {@code requested_model}. */
    public static final int MODEL_LENGTH = 255;

    /** The longest {@code service_tier}. */
    public static final int SERVICE_TIER_LENGTH = 32;

    /** The longest {@code kind}. */
    public static final int KIND_LENGTH = 16;

    /** The longest {@code error_class}. */
    public static final int ERROR_CLASS_LENGTH = 128;

    /** Decimals of {@code cost_usd}. */
    public static final int COST_SCALE = 10;

    /** Digits of {@code cost_usd}, decimals included. */
    public static final int COST_PRECISION = 20;

    /**
     * Refuses missing parts.
     *
     * @throws NullPointerException when a component is null; the message names it
     */
    public CallRecord {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(timing, "timing");
        Objects.requireNonNull(usage, "usage");
        Objects.requireNonNull(cost, "cost");
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(links, "links");
    }

    /**
     * A call without names in other systems.
     *
     * @param id the id of this attempt
     * @param origin who made the call and for which operation
     * @param timing when it was made and how long it took
     * @param usage what it used
     * @param cost what it costs
     * @param outcome how it ended
     */
    public CallRecord(UUID id, CallOrigin origin, CallTiming timing, CallUsage usage, Cost cost, CallOutcome outcome) {
        this(id, origin, timing, usage, cost, outcome, CallLinks.NONE);
    }

    /**
     * The id that all calls of one scope share.
     *
     * @return the id
     */
    public UUID callId() {
        return origin.callId();
    }

    /**
     * The tenant that pays.
     *
     * @return the tenant
     */
    public String tenantId() {
        return origin.tenantId();
    }

    /**
     * The operation that the call belongs to.
     *
     * @return the operation
     */
    public String operation() {
        return origin.operation();
    }

    /**
     * When the call started, by the wall clock.
     *
     * @return the instant, in microseconds
     */
    public Instant startedAt() {
        return timing.startedAt();
    }

    /**
     * How long it took, by the monotonic clock.
     *
     * @return the time, in whole milliseconds
     */
    public Duration callDuration() {
        return timing.callDuration();
    }

    /**
     * The time until the first token of a streamed answer.
     *
     * @return the time; null if there was no such token
     */
    public Duration firstToken() {
        return timing.firstToken();
    }

    /**
     * The provider that ran the model.
     *
     * @return the provider; empty when unknown
     */
    public String provider() {
        return usage.provider();
    }

    /**
     * The model that answered.
     *
     * @return the model; empty when unknown
     */
    public String model() {
        return usage.model();
    }

    /**
     * How much was used.
     *
     * @return the counts
     */
    public TokenCounts tokens() {
        return usage.tokens();
    }

    /**
     * What it costs.
     *
     * @return US dollars; 0 when not known
     */
    public BigDecimal costUsd() {
        return cost.usd();
    }

    /**
     * Who said what it costs.
     *
     * @return the source
     */
    public CostSource costSource() {
        return cost.source();
    }

    /**
     * Whether the call returned or threw.
     *
     * @return the status
     */
    public CallStatus status() {
        return outcome.status();
    }

    /**
     * The simple class name of the exception.
     *
     * @return the name; null when the call returned
     */
    public String errorClass() {
        return outcome.errorClass();
    }

    /**
     * The same call with another cost.
     *
     * @param other what it costs
     * @return a copy
     */
    public CallRecord withCost(Cost other) {
        return new CallRecord(id, origin, timing, usage, other, outcome, links);
    }

    /**
     * The same call for another user.
     *
     * @param user the name or pseudonym; null when not given
     * @return a copy
     */
    public CallRecord withUser(String user) {
        return new CallRecord(id, origin.withUser(user), timing, usage, cost, outcome, links);
    }

    static void fits(String field, String value, int maxLength) {
        Objects.requireNonNull(value, field);
        if (value.length() > maxLength) {
            throw new IllegalArgumentException(field + " is longer than " + maxLength + " characters");
        }
    }

    static void fitsOrNull(String field, String value, int maxLength) {
        if (value != null) {
            fits(field, value, maxLength);
        }
    }
}
