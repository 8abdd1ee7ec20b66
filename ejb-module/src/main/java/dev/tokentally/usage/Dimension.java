package dev.tokentally.usage;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What usage can be grouped and filtered by. Equal where the labels are.
 */
public final class Dimension {

    /** All of them but the tags: the columns that say it, in their order. */
    public static final List<Dimension> ALL = CallColumn.ALL.stream()
            .filter(column -> column.dimension() != null)
            .map(Dimension::of)
            .toList();

    /** Who pays. */
    public static final Dimension TENANT = of("tenant");

    /** What for. */
    public static final Dimension OPERATION = of("operation");

    /** Which model answered; empty when unknown, as for most calls that failed. */
    public static final Dimension MODEL = of("model");

    /** Which model was asked for; where nobody told it, the one that answered. */
    public static final Dimension REQUESTED_MODEL = of("requested_model");

    /** Who ran the model; empty when not told. */
    public static final Dimension PROVIDER = of("provider");

    /** What kind of call it was. */
    public static final Dimension KIND = of("kind");

    /** For which user of the tenant. */
    public static final Dimension USER = of("user");

    /** In which session. */
    public static final Dimension SESSION = of("session");

    /** Which installation made it. */
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
     * The values that calls have of a tag.
     *
     * @param key the tag's key
     * @return the dimension
     * @throws IllegalArgumentException when no tag can have the key
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
     * The dimension of a name.
     *
     * @param label as {@link #label} has it
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
     * The name under which it is asked for.
     *
     * @return such as {@code tenant}, {@code operation} or {@code tag.team}
     */
    public String label() {
        return label;
    }

    /**
     * Where its values are.
     *
     * @return the column
     */
    public CallColumn<String> column() {
        return column;
    }

    /**
     * Where they are in a row that has null in {@link #column}.
     *
     * @return the column, if there is one
     */
    public Optional<CallColumn<String>> otherwise() {
        return Optional.ofNullable(otherwise);
    }

    /**
     * Which tag's values it has.
     *
     * @return the key; empty where it is no tag
     */
    public Optional<String> tagKey() {
        return Optional.ofNullable(tagKey);
    }

    /**
     * Whether there are calls of which nobody knows a value.
     *
     * @return false where every call has one
     */
    public boolean mayBeUnknown() {
        return mayBeUnknown;
    }

    /**
     * What a call has in it.
     *
     * @param call the call
     * @return the value; null or empty when it has none
     */
    public String of(CallRecord call) {
        String stored = column.of(call);
        return stored == null && otherwise != null ? otherwise.of(call) : valueIn(stored);
    }

    /**
     * The value in what a column has.
     *
     * @param stored what is there; may be null
     * @return of the tags the one, null when it is not among them; of any other column what is there
     */
    public String valueIn(String stored) {
        return tagKey == null ? stored : TagText.value(tagKey, stored);
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
