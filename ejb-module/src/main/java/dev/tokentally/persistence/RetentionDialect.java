package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a database drops calls of the past. */
interface RetentionDialect {

    /** Only a DBA can have stored such calls. */
    String EARLIER =
            "some calls are from before the year 1, and no rollup holds them; a DBA may export and delete them";

    /**
     * The condition that a call belongs to an invocation whose other calls in the rollups are all old enough to be dropped. If these
     * were dropped now, the invocation would count twice.
     *
     * @param quarter from when on calls are to be kept
     */
    static String beganBefore(int quarter) {
        return SqlTemplate.fill("""
                exists (select 1 from tokentally_rollup_ids known
                         where known.tenant_id = calls.tenant_id and known.call_id = calls.call_id and known.starts < ${quarter})
                and not exists (select 1 from tokentally_rollup_ids known
                                 where known.tenant_id = calls.tenant_id and known.call_id = calls.call_id and known.starts >= ${quarter})""", Map.of("quarter", quarter));
    }

    /** The current form of the table of calls. */
    Shape shape(Connection connection) throws SQLException;

    /**
     * Asks for new rollups of the calls that are to be dropped, if these calls may have changed without a mark.
     *
     * @param since calls before it were dropped; null if none were
     */
    default void makeAgain(Instant since, Instant from, Store store) throws Exception {}

    /**
     * Writes down that calls are kept from an instant on, if the rollups hold the figures of all calls before it. It does nothing
     * if the instant is not later than the one before, if another transaction stands in the way, or if an invocation of the time before
     * it has later calls that no rollup holds yet.
     *
     * @param from the start of a quarter of an hour
     */
    void keepFrom(Instant from, Store store) throws Exception;

    /**
     * The tables whose calls are all too old.
     *
     * @param from from when on calls are kept
     */
    default List<String> tables(Instant from, Connection connection) throws SQLException {
        return List.of();
    }

    /** The partitions whose calls are all too old and that somebody else has made. */
    default List<String> others(Instant from, Connection connection) throws SQLException {
        return List.of();
    }

    /**
     * What a person has to remove before a table can be dropped, for the log after "but"; empty if there is nothing.
     *
     * @param table one of {@link #tables}
     */
    default Optional<String> obstacle(String table, Connection connection) throws SQLException {
        return Optional.empty();
    }

    /**
     * Drops a table.
     *
     * @param table one of {@link #tables}
     * @return what was dropped; empty if another transaction stands in the way
     */
    default Optional<String> dropTable(String table, Connection connection) throws SQLException, UsageStoreException {
        return Optional.empty();
    }

    /** Ends a statement that has run for a moment. It may be called by any thread, again and again. */
    default void cancel() {}

    /**
     * Deletes some calls that are too old, and counts them.
     *
     * @param table one of the shape's tables
     * @param since where to go on, as the last call for this table returned it; null at first
     * @param from from when on calls are kept
     * @param limit the most calls
     * @return how many, and where to go on
     */
    Step delete(String table, String since, Instant from, int limit, EntityManager entities);

    /**
     * The form of the table of calls.
     *
     * @param unit calls are kept from the start of such a unit on: a UTC day, or a UTC month
     * @param tables from which calls are deleted one by one
     * @param obstacle what has to happen before calls can be dropped, for the log; null if nothing
     */
    record Shape(ChronoUnit unit, List<String> tables, String obstacle) {}

    /**
     * Calls that were deleted.
     *
     * @param calls how many
     * @param last where to go on
     */
    record Step(long calls, String last) {}
}
