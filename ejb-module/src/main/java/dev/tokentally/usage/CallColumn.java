package dev.tokentally.usage;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;

/**
 * The columns of {@code llm_calls} in their order. This is the one place that says what a row consists of: all code
 * that writes or reads records iterates over {@link #ALL}. A new column needs a line here and one in {@link #read}, a
 * component of the record, an attribute of the entity, a script of the schema and a property in the API's document. A
 * column by which usage can be grouped and filtered says so here, too.
 *
 * @param <T> the type of its values
 */
public final class CallColumn<T> {

    private static final List<CallColumn<?>> COLUMNS = new ArrayList<>();

    /** All columns, in the order of the table, of the API and of the files. */
    public static final List<CallColumn<?>> ALL = Collections.unmodifiableList(COLUMNS);

    /** The id of the call attempt. */
    public static final CallColumn<UUID> ID = required("id", Type.UUID, CallRecord::id);

    /** The id that all calls of one scope share. */
    public static final CallColumn<UUID> CALL_ID = required("call_id", Type.UUID, CallRecord::callId);

    /** The tenant that pays. */
    public static final CallColumn<String> TENANT_ID = required("tenant_id", Type.TEXT, CallRecord::tenantId)
            .upTo(CallRecord.TENANT_LENGTH)
            .asDimension("tenant", false);

    /** The operation that the call belongs to. */
    public static final CallColumn<String> OPERATION = required("operation", Type.TEXT, CallRecord::operation)
            .upTo(CallRecord.OPERATION_LENGTH)
            .asDimension("operation", false);

    /** When the call started. */
    public static final CallColumn<Instant> STARTED_AT = required("started_at", Type.INSTANT, CallRecord::startedAt);

    private static final CallColumn<Long> CALL_DURATION =
            required("call_duration_ms", Type.LONG, call -> call.callDuration().toMillis());
    private static final CallColumn<Long> FIRST_TOKEN =
            optional("first_token_ms", Type.LONG, null, call -> millis(call.firstToken()));

    /** The provider that ran the model. */
    public static final CallColumn<String> PROVIDER = required("provider", Type.TEXT, CallRecord::provider)
            .upTo(CallRecord.PROVIDER_LENGTH)
            .asDimension("provider", true);

    /** The model that answered. */
    public static final CallColumn<String> MODEL = required("model", Type.TEXT, CallRecord::model)
            .upTo(CallRecord.MODEL_LENGTH)
            .asDimension("model", true);

    private static final CallColumn<Integer> INPUT =
            required("input_tokens", Type.INTEGER, call -> call.tokens().input());
    private static final CallColumn<Integer> OUTPUT =
            required("output_tokens", Type.INTEGER, call -> call.tokens().output());
    private static final CallColumn<Integer> CACHED_INPUT =
            required("cached_input_tokens", Type.INTEGER, call -> call.tokens().cachedInput());
    private static final CallColumn<Integer> CACHE_WRITE =
            required("cache_write_tokens", Type.INTEGER, call -> call.tokens().cacheWrite());
    private static final CallColumn<Integer> REASONING =
            required("reasoning_tokens", Type.INTEGER, call -> call.tokens().reasoning());
    private static final CallColumn<BigDecimal> COST = required("cost_usd", Type.DECIMAL, CallRecord::costUsd);
    /** Who said what the call costs. */
    public static final CallColumn<String> COST_SOURCE =
            required("cost_source", Type.LABEL, call -> call.costSource().label());

    private static final CallColumn<String> STATUS =
            required("status", Type.LABEL, call -> call.status().label());
    private static final CallColumn<String> ERROR_CLASS =
            optional("error_class", Type.TEXT, null, CallRecord::errorClass).upTo(CallRecord.ERROR_CLASS_LENGTH);

    /** The columns of the first release, which are those above. The spool writes them without their names, in this order. */
    public static final List<CallColumn<?>> FIRST_RELEASE = List.copyOf(COLUMNS);

    // From here on each column has a default, since older records do not have it.

    private static final CallColumn<String> SERVICE_TIER = optional(
                    "service_tier", Type.TEXT, "", call -> call.usage().serviceTier())
            .upTo(CallRecord.SERVICE_TIER_LENGTH);
    /** The kind of call. */
    public static final CallColumn<String> KIND = optional(
                    "kind", Type.TEXT, CallUsage.CHAT, call -> call.usage().kind())
            .upTo(CallRecord.KIND_LENGTH)
            .asDimension("kind", false);
    /** The rarer meters. */
    public static final CallColumn<String> METERS =
            optional("meters", Type.METERS, "", call -> call.tokens().metersText());
    /** Why the counts may not explain the whole bill. */
    public static final CallColumn<String> USAGE_DOUBTS =
            optional("usage_doubts", Type.TEXT, "", call -> call.tokens().doubtsText());

    /** The user of the tenant. */
    public static final CallColumn<String> USER_ID = optional(
                    "user_id", Type.TEXT, null, call -> call.origin().userId())
            .upTo(CallOrigin.USER_LENGTH)
            .asDimension("user", true);
    /** The session, such as a conversation. */
    public static final CallColumn<String> SESSION_ID = optional(
                    "session_id", Type.TEXT, null, call -> call.origin().sessionId())
            .upTo(CallOrigin.SESSION_LENGTH)
            .asDimension("session", true);
    /** The installation that made the call. */
    public static final CallColumn<String> ENVIRONMENT = optional(
                    "environment", Type.TEXT, null, call -> call.origin().environment())
            .upTo(CallOrigin.ENVIRONMENT_LENGTH)
            .asDimension("environment", true);
    /** The application's own keys and values. */
    public static final CallColumn<String> TAGS =
            optional("tags", Type.TAGS, null, call -> call.origin().tags()).upTo(CallOrigin.TAGS_LENGTH);

    private static final CallColumn<String> TRACE_ID = optional(
                    "trace_id", Type.TEXT, null, call -> call.links().traceId())
            .upTo(CallLinks.TRACE_LENGTH);
    private static final CallColumn<String> SPAN_ID =
            optional("span_id", Type.TEXT, null, call -> call.links().spanId()).upTo(CallLinks.SPAN_LENGTH);
    private static final CallColumn<String> RESPONSE_ID = optional(
                    "response_id", Type.TEXT, null, call -> call.links().responseId())
            .upTo(CallLinks.RESPONSE_LENGTH);
    /** The model that was asked for. */
    public static final CallColumn<String> REQUESTED_MODEL = optional(
                    "requested_model", Type.TEXT, null, call -> call.usage().requestedModel())
            .upTo(CallRecord.MODEL_LENGTH)
            .asDimension("requested_model", true);

    /**
     * The columns that must be equal in two rows of the same call. The others may differ: the cost may have been
     * changed, and a newer release may have written more.
     */
    public static final List<CallColumn<?>> IDENTITY =
            List.of(ID, CALL_ID, TENANT_ID, OPERATION, STARTED_AT, CALL_DURATION, STATUS);

    private final String name;
    private final Type type;
    private final T absent;
    private final boolean required;
    private final Function<CallRecord, T> value;

    /** The longest text of a record. A text of which a record keeps only the parts that can be read has no limit here. */
    private int maxLength = Integer.MAX_VALUE;

    /** Null if it is not a dimension. Set while the columns are created. */
    private String dimension;

    private boolean mayBeUnknown;

    private CallColumn(String name, Type type, T absent, boolean required, Function<CallRecord, T> value) {
        this.name = name;
        this.type = type;
        this.absent = absent;
        this.required = required;
        this.value = value;
        COLUMNS.add(this);
    }

    private static <T> CallColumn<T> required(String name, Type type, Function<CallRecord, T> value) {
        return new CallColumn<>(name, type, null, true, value);
    }

    private static <T> CallColumn<T> optional(String name, Type type, T absent, Function<CallRecord, T> value) {
        return new CallColumn<>(name, type, absent, false, value);
    }

    private CallColumn<T> upTo(int length) {
        this.maxLength = length;
        return this;
    }

    /**
     * Lets usage be grouped and filtered by this column.
     *
     * @param label its name as a dimension
     * @param mayBeUnknown whether some calls have no known value
     */
    private CallColumn<T> asDimension(String label, boolean mayBeUnknown) {
        this.dimension = label;
        this.mayBeUnknown = mayBeUnknown;
        return this;
    }

    private static Long millis(Duration duration) {
        return duration == null ? null : (Long) duration.toMillis();
    }

    /**
     * Makes a record from the values of its columns.
     *
     * @param values the values
     * @return the record
     * @throws NullPointerException when a value is missing and the column has no default
     * @throws IllegalArgumentException when a value does not fit; the message names it
     */
    public static CallRecord read(Values values) {
        String errorClass = values.of(ERROR_CLASS);
        return new CallRecord(
                values.of(ID),
                new CallOrigin(
                        values.of(CALL_ID),
                        values.of(TENANT_ID),
                        values.of(OPERATION),
                        values.of(USER_ID),
                        values.of(SESSION_ID),
                        values.of(ENVIRONMENT),
                        values.of(TAGS)),
                new CallTiming(
                        values.of(STARTED_AT),
                        Duration.ofMillis(values.of(CALL_DURATION)),
                        values.of(FIRST_TOKEN) == null ? null : Duration.ofMillis(values.of(FIRST_TOKEN))),
                new CallUsage(
                        values.of(PROVIDER),
                        values.of(MODEL),
                        TokenCounts.ofRow(
                                values.of(INPUT),
                                values.of(OUTPUT),
                                values.of(CACHED_INPUT),
                                values.of(CACHE_WRITE),
                                values.of(REASONING),
                                values.of(METERS),
                                values.of(USAGE_DOUBTS)),
                        values.of(SERVICE_TIER),
                        values.of(KIND),
                        values.of(REQUESTED_MODEL)),
                new Cost(values.of(COST), CostSource.ofLabel(values.of(COST_SOURCE))),
                // Rule 7 of the table: if only a newer release knows the status, the error class shows what it means.
                errorClass == null ? CallOutcome.OK : CallOutcome.error(errorClass),
                new CallLinks(values.of(TRACE_ID), values.of(SPAN_ID), values.of(RESPONSE_ID)));
    }

    /**
     * The name in the table, in the API and in the files.
     *
     * @return the name
     */
    public String columnName() {
        return name;
    }

    /**
     * The type of its values.
     *
     * @return the type
     */
    public Type type() {
        return type;
    }

    /**
     * The longest text that a record can have in this column.
     *
     * @return the length, as {@link String#length()} counts
     */
    public int maxLength() {
        return maxLength;
    }

    /** The name as a dimension; null if it is not a dimension. */
    String dimension() {
        return dimension;
    }

    /** Whether every record has a value. */
    boolean isRequired() {
        return required;
    }

    /** Whether some calls have no known value. */
    boolean mayBeUnknown() {
        return mayBeUnknown;
    }

    /**
     * The value that a record has in this column.
     *
     * @param call the record
     * @return the value; null only if the column may be null
     */
    public T of(CallRecord call) {
        return value.apply(call);
    }

    /**
     * Whether a record has the default in this column.
     *
     * @param call the record
     * @return true if the value need not be written, since readers assume it
     */
    public boolean isAbsentIn(CallRecord call) {
        return Objects.equals(of(call), absent);
    }

    /**
     * The value as text that is the same everywhere: numbers plain, instants as ISO-8601 in UTC.
     *
     * @param call the record
     * @return the text; null if the value is null
     */
    public String textOf(CallRecord call) {
        T of = of(call);
        return of instanceof BigDecimal decimal ? decimal.toPlainString() : of == null ? null : of.toString();
    }

    /**
     * Reads {@link #textOf}.
     *
     * @param text the text; null stands for null
     * @return the value
     * @throws IllegalArgumentException when the text does not fit the column's type
     */
    public Object parse(String text) {
        try {
            return text == null ? null : type.parser.apply(text);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(name + " is not " + type.name().toLowerCase(Locale.ROOT), e);
        }
    }

    /** The column's name. */
    @Override
    public String toString() {
        return name;
    }

    /** The type of a column's values, and the Java type for it. */
    public enum Type {
        /** A {@link java.util.UUID}. */
        UUID(java.util.UUID::fromString),
        /** A String, which may come from outside. */
        TEXT(text -> text),
        /** One of a few Strings that the module itself defines. */
        LABEL(text -> text),
        /** A String of meters and their quantities; an object in JSON. */
        METERS(text -> text),
        /** The text of a JSON object whose values are Strings, which may come from outside. */
        TAGS(text -> text),
        /** An {@link java.time.Instant}, in microseconds. */
        INSTANT(java.time.Instant::parse),
        /** A Long. */
        LONG(Long::valueOf),
        /** An Integer. */
        INTEGER(Integer::valueOf),
        /** A {@link java.math.BigDecimal}. */
        DECIMAL(BigDecimal::new);

        private final Function<String, Object> parser;

        Type(Function<String, Object> parser) {
            this.parser = parser;
        }
    }

    /** The values of one record's columns. */
    public interface Values {

        /**
         * The value as it is stored.
         *
         * @param column the column
         * @return the value, of the column's type; null if there is none
         */
        Object raw(CallColumn<?> column);

        /**
         * The value, or the column's default if there is none.
         *
         * @param column the column
         * @param <T> the type of its values
         * @return the value; null if there is neither a value nor a default
         */
        @SuppressWarnings("unchecked")
        default <T> T of(CallColumn<T> column) {
            Object value = raw(column);
            return value == null ? column.absent : (T) value;
        }
    }
}
