package dev.tokentally.persistence;

import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.Dimension;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What some calls of a tenant have in common. Figures are kept for each combination, so a report can group and filter by these
 * columns without reading calls.
 *
 * @param values the values of {@link #COLUMNS}; null where a call has none
 */
record Combination(List<String> values) {

    /** Users, sessions and tags have too many values. The tenant is left out, since each tenant has cells of its own. */
    private static final Set<CallColumn<?>> NOT_KEPT =
            Set.of(CallColumn.TENANT_ID, CallColumn.USER_ID, CallColumn.SESSION_ID);

    /** A cell has the values in this order. */
    static final List<CallColumn<?>> COLUMNS = CallColumn.ALL.stream()
            .filter(column -> Dimension.ALL.stream()
                            .anyMatch(dimension -> dimension.column().equals(column) && !NOT_KEPT.contains(column))
                    || column.equals(CallColumn.COST_SOURCE))
            .toList();

    /** The columns for a statement. */
    static final String SELECTED = COLUMNS.stream().map(CallColumn::columnName).collect(Collectors.joining(", "));

    /** The columns of a call for a statement, with null for those that a report does not ask for. */
    static String selected(Set<Dimension> asked) {
        return COLUMNS.stream()
                .map(column -> column.equals(CallColumn.OPERATION)
                                || asked.stream()
                                        .anyMatch(
                                                dimension -> dimension.column().equals(column)
                                                        || dimension
                                                                .otherwise()
                                                                .filter(column::equals)
                                                                .isPresent())
                        ? "calls." + column
                        : "cast(null as varchar)")
                .collect(Collectors.joining(", "));
    }

    /** Reads the columns, the first of which has this number. */
    static Combination read(ResultSet row, int first) throws SQLException {
        String[] values = new String[COLUMNS.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = row.getString(first + i);
        }
        return new Combination(Arrays.asList(values));
    }

    /** Reads the texts from a cell. */
    static Combination read(CellReader in) {
        String[] values = new String[COLUMNS.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.text();
        }
        return new Combination(Arrays.asList(values));
    }

    /** Whether the figures of combinations answer questions about all of these dimensions. */
    static boolean knows(Collection<Dimension> dimensions) {
        return dimensions.stream()
                .allMatch(dimension -> dimension.equals(Dimension.TENANT) || COLUMNS.contains(dimension.column()));
    }

    String operation() {
        return of(CallColumn.OPERATION);
    }

    /** The value of a dimension other than the tenant. */
    String of(Dimension dimension) {
        String value = of(dimension.column());
        Optional<CallColumn<String>> otherwise = dimension.otherwise();
        return value == null && otherwise.isPresent() ? of(otherwise.get()) : dimension.valueIn(value);
    }

    /** Whether it has the value in the dimension; the empty value stands for none. */
    boolean has(Dimension dimension, String value) {
        return Objects.requireNonNullElse(of(dimension), "").equals(value);
    }

    private String of(CallColumn<?> column) {
        return values.get(COLUMNS.indexOf(column));
    }
}
