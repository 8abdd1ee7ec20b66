package dev.tokentally.usage;

import java.util.List;

/**
 * What usage can be grouped and filtered by. Equal where the labels are.
 */
public final class Dimension {

    /** Who pays. */
    public static final Dimension TENANT = new Dimension("tenant", CallColumn.TENANT_ID, false);

    /** What for. */
    public static final Dimension OPERATION = new Dimension("operation", CallColumn.OPERATION, false);

    /** Which model answered; empty when unknown, as for most calls that failed. */
    public static final Dimension MODEL = new Dimension("model", CallColumn.MODEL, true);

    /** Who ran the model; empty when not told. */
    public static final Dimension PROVIDER = new Dimension("provider", CallColumn.PROVIDER, true);

    /** What kind of call it was. */
    public static final Dimension KIND = new Dimension("kind", CallColumn.KIND, false);

    /** All of them. */
    public static final List<Dimension> ALL = List.of(TENANT, OPERATION, MODEL, PROVIDER, KIND);

    private final String label;
    private final CallColumn<String> column;
    private final boolean mayBeUnknown;

    private Dimension(String label, CallColumn<String> column, boolean mayBeUnknown) {
        this.label = label;
        this.column = column;
        this.mayBeUnknown = mayBeUnknown;
    }

    /**
     * The dimension of a name.
     *
     * @param label as {@link #label} has it
     * @return the dimension
     * @throws IllegalArgumentException when there is none
     */
    public static Dimension of(String label) {
        return ALL.stream()
                .filter(each -> each.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no dimension " + label));
    }

    /**
     * The name under which it is asked for.
     *
     * @return such as {@code tenant}, {@code operation} or {@code model}
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
        return column.of(call);
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
