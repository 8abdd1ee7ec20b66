package dev.tokentally.usage;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A property by which usage can be grouped and filtered. Two dimensions with the same label are equal. */
public final class Dimension {

    /** All dimensions except tags, in the order of their columns. */
    public static final List<Dimension> ALL = CallColumn.ALL.stream()
            .filter(column -> column.dimension() != null)
            .map(Dimension::of)
            .toList();

    /** The tenant that pays. */
    public static final Dimension TENANT = of("tenant");

    /** The operation that calls belong to. */
    public static final Dimension OPERATION = of("operation");

    /** The model that answered; empty when unknown, as for most calls that failed. */
    public static final Dimension MODEL = of("model");

    /** The model that was asked for; if it is not known, the model that answered. */
    public static final Dimension REQUESTED_MODEL = of("requested_model");

    /** The provider that ran the model; empty when not known. */
    public static final Dimension PROVIDER = of("provider");

    /** The kind of call. */
    public static final Dimension KIND = of("kind");

    /** The user of the tenant. */
    public static final Dimension USER = of("user");

    /** The session. */
    public static final Dimension SESSION = of("session");

    /** The installation that made the call. */
    public static final Dimension ENVIRONMENT = of("environment");

    private static final String TAG = "tag.";

    private static final Pattern KEY_FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private final String label;
    private final CallColumn<String> column;
    private final CallColumn<String> otherwise;
    private final String tagKey;
    private final boolean mayBeUnknown;

    private Dimension(
            String label,
            CallColumn<String> column,
            CallColumn<String> otherwise,
            String tagKey,
            boolean mayBeUnknown) {
        this.label = label;
        this.column = column;
        this.otherwise = otherwise;
        this.tagKey = tagKey;
        this.mayBeUnknown = mayBeUnknown;
    }

    @SuppressWarnings("unchecked")
    private static Dimension of(CallColumn<?> column) {
        CallColumn<String> otherwise = column.equals(CallColumn.REQUESTED_MODEL) ? CallColumn.MODEL : null;
        return new Dimension(column.dimension(), (CallColumn<String>) column, otherwise, null, column.mayBeUnknown());
    }

    /**
     * The dimension of a tag's values.
     *
     * @param key the tag's key
     * @return the dimension
     * @throws IllegalArgumentException when the key is not allowed for tags
     */
    public static Dimension tag(String key) {
        if (!KEY_FORM.matcher(key).matches()) {
            throw new IllegalArgumentException(
                    "a tag's key has 1 to 64 letters, digits, dots, underscores and hyphens (A-Z a-z"
                            + " 0-9 . _ -), and a letter or digit first");
        }
        return new Dimension(TAG + key, CallColumn.TAGS, null, key, true);
    }

    /**
     * Finds a dimension by its name.
     *
     * @param label the dimension's {@link #label}
     * @return the dimension
     * @throws IllegalArgumentException when there is none
     */
    public static Dimension of(String label) {
        if (label.startsWith(TAG)) {
            return tag(label.substring(TAG.length()));
        }
        return ALL.stream()
                .filter(each -> each.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no dimension " + label));
    }

    /**
     * The name in queries.
     *
     * @return the name, such as {@code tenant}, {@code operation} or {@code tag.team}
     */
    public String label() {
        return label;
    }

    /**
     * Whether the rollups have it. Reports over other dimensions need the calls.
     *
     * @return false for users, sessions and tags
     */
    public boolean isInRollups() {
        return tagKey == null && !equals(USER) && !equals(SESSION);
    }

    /**
     * The column that has its values.
     *
     * @return the column
     */
    public CallColumn<String> column() {
        return column;
    }

    /**
     * The column that has the value of a row with null in {@link #column}.
     *
     * @return the column; empty if there is no such column
     */
    public Optional<CallColumn<String>> otherwise() {
        return Optional.ofNullable(otherwise);
    }

    /**
     * The key of its tag.
     *
     * @return the key; empty if the dimension is not a tag
     */
    public Optional<String> tagKey() {
        return Optional.ofNullable(tagKey);
    }

    /**
     * Whether some calls have no known value.
     *
     * @return false if every call has one
     */
    public boolean mayBeUnknown() {
        return mayBeUnknown;
    }

    /**
     * The value that a call has in this dimension.
     *
     * @param call the call
     * @return the value; null or empty if it has none
     */
    public String of(CallRecord call) {
        String stored = column.of(call);
        return stored == null && otherwise != null ? otherwise.of(call) : valueIn(stored);
    }

    /**
     * Takes the value from the content of the column.
     *
     * @param stored the content; may be null
     * @return for a tag its value in the text of all tags, for any other dimension the content itself; null if there is
     *     none. It is empty only for a model or a provider that is not known: in the other columns a script may have
     *     written an empty text instead of null, which means the same
     */
    public String valueIn(String stored) {
        String value = tagKey == null ? stored : TagText.value(tagKey, stored);
        boolean isNone = value != null && value.isEmpty() && !column.isRequired() && otherwise == null;
        return isNone ? null : value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Dimension dimension && dimension.label.equals(label);
    }

    @Override
    public int hashCode() {
        return label.hashCode();
    }

    /** The label. */
    @Override
    public String toString() {
        return label;
    }
}
