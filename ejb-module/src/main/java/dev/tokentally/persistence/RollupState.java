package dev.tokentally.persistence;

import dev.tokentally.usage.Rollups;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * How far the rollups are.
 *
 * @param closing writes mark the quarters before this one
 * @param closed the quarters before this one have a rollup; {@link Integer#MIN_VALUE} if none has
 * @param keptFrom calls before it were dropped; null if none were
 * @param rollupsKeptFrom rollups before it were dropped; null if none were
 */
record RollupState(int closing, int closed, Instant keptFrom, Instant rollupsKeptFrom) {

    private static final int SECONDS_AFTER_A_QUARTER = 60;

    static RollupState read(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                        "select closing, closed, kept_from, (select kept_from from tokentally_rollup_state where id = 2)"
                                + " from tokentally_rollup_state where id = 1");
                ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                // Somebody has emptied the table, and the maker adds the row again.
                return new RollupState(Integer.MIN_VALUE, Integer.MIN_VALUE, null, null);
            }
            return new RollupState(row.getInt(1), row.getInt(2), Sql.instant(row, 3), Sql.instant(row, 4));
        }
    }

    /** How far they are, by the clock of the database. */
    static Rollups status(Connection connection) throws SQLException {
        RollupState state = read(connection);
        int over = over(connection);
        long open = (long) over - state.closed;
        if (state.closed == Integer.MIN_VALUE) {
            try (PreparedStatement statement = connection.prepareStatement("select min(started_at) from llm_calls");
                    ResultSet row = statement.executeQuery()) {
                row.next();
                OffsetDateTime first = row.getObject(1, OffsetDateTime.class);
                open = first == null ? 0 : (long) over - Unit.quarter(first.toInstant());
            }
        }
        try (PreparedStatement statement = Sql.of(
                                "select count(*) from (select distinct tenant_id, starts, unit from tokentally_rollup_marks"
                                        + " where starts < ?) changed",
                                state.closed)
                        .prepare(connection);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return new Rollups(Math.max(0, open) * Unit.SECONDS_OF_A_QUARTER, row.getLong(1));
        }
    }

    /** The quarters before this one are over. A call that started in one of them may be recorded a little later. */
    static int over(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select current_timestamp");
                ResultSet row = statement.executeQuery()) {
            row.next();
            Instant now = row.getObject(1, OffsetDateTime.class).toInstant();
            return Unit.quarter(now.minusSeconds(SECONDS_AFTER_A_QUARTER));
        }
    }

    /** The quarters before this one are never made again, since their calls were dropped. */
    int kept() {
        return keptFrom == null ? Integer.MIN_VALUE : Unit.quarter(keptFrom);
    }
}
