package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.RecordTooOldException;
import dev.tokentally.usage.UsageStoreException;
import jakarta.persistence.EntityManager;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;

/** What differs between the databases. */
interface Dialect {

    /** The public class that tells EclipseLink how to talk to it. */
    String eclipseLinkPlatform();

    /** The places of its scripts. Each version is in only one of them. */
    List<String> scripts();

    /** The query whose answer differs between sessions of the database. */
    String session();

    /** Looks for settings that may lose records, and corrects them or says so. */
    void check(Connection connection, boolean mayChangeTheDatabase) throws SQLException;

    /**
     * Finds out whether any row may be written, without writing one.
     *
     * @throws UsageStoreException when no row may be written; the message says what to do
     */
    void mayWrite(Connection connection) throws SQLException, UsageStoreException;

    /**
     * Finds out whether Flyway can make its history, or finds it. Flyway itself tries ten times, with a second between two tries.
     *
     * @param history the table of the history
     * @throws SQLException when the database's role may not make it
     */
    default void mayMakeHistory(String history, Connection connection) throws SQLException {
        // The role of a database in the server's own process may do everything.
    }

    /** Lets one node at a time migrate. */
    void aroundMigration(DataSource dataSource, Runnable migration) throws SQLException;

    /** The steps that run while calls are recorded, after the scripts, in this order. */
    List<LongStep> longSteps();

    /** The steps that partition the table and make its months, after the long steps. Empty if it always stays one table. */
    default List<LongStep> partitioning() {
        return List.of();
    }

    /** The steps that leave it one table, if some of {@link #partitioning} have run and the others are not to run. */
    default List<LongStep> backToOneTable() {
        return List.of();
    }

    /**
     * The query for a state of {@link dev.tokentally.usage.Partitions}, the steps that are done, and the other tables that have the
     * names of coming months; empty if it is one table.
     */
    default Optional<String> partitions() {
        return Optional.empty();
    }

    /**
     * Whether a pooler in front of the database gives the transactions of one connection to several sessions, so that nothing
     * may be set or locked for a session.
     *
     * @param connection a connection without a transaction
     * @param others the data source for more connections
     */
    boolean sharesSessions(Connection connection, DataSource others) throws SQLException;

    /** Is called before each script, in its transaction. */
    void beforeScript(String script, Connection connection) throws SQLException;

    /** Inserts all records, in the transaction of the entity manager. */
    void insert(List<CallRecord> calls, EntityManager entities);

    /**
     * Returns the calls that are not stored yet.
     *
     * @throws RecordRefusedException when another call has the id of one
     */
    List<CallRecord> missing(List<CallRecord> calls, EntityManager entities) throws RecordRefusedException;

    /**
     * Changes the costs of calls that are still as they were read. A row that already has the new cost counts as changed, since an
     * earlier try of unknown outcome did arrive.
     *
     * @return the ids of the calls that were left as they are
     */
    Set<UUID> reprice(List<CostChange> changes, EntityManager entities);

    /**
     * Replaces the user of rows that still have the user that was read.
     *
     * @param tenantId whose calls they are
     * @param rows the rows to change
     * @param pseudonym the user that the rows get
     * @return how many were changed
     */
    int erase(String tenantId, List<UserRow> rows, String pseudonym, EntityManager entities);

    /**
     * The expression that turns a text into an instant, in standard SQL.
     *
     * @param text an expression of what {@link PostgresInstant} writes, or of null
     */
    default String instant(String text) {
        return "cast(" + text + " as timestamp with time zone)";
    }

    /**
     * An instant as seconds since 1970, with six decimals.
     *
     * @param instant an expression
     */
    default String epoch(String instant) {
        return "extract(epoch from " + instant + ")";
    }

    /** How the database drops old calls. */
    RetentionDialect retention();

    /**
     * Refuses calls of a time whose calls were dropped, in the transaction that writes them. Does nothing if a trigger of the
     * database refuses them.
     *
     * @throws RecordTooOldException when one of the calls is too old
     */
    void checkKept(List<CallRecord> calls, EntityManager entities) throws RecordTooOldException;

    /** The query for the transactions that are writing calls; empty if no other process can write. */
    Optional<String> writers();

    /**
     * The query of one instant: when the oldest transaction began that writes calls, or waits to write them; the present if there
     * is none. A call has the beginning of its transaction as the time at which it was stored.
     */
    String oldestWrite();

    /**
     * The sums of each bucket and group, without empty buckets. Buckets are numbered from 1.
     *
     * @param sums the columns after the bucket's number
     * @param where the condition that selects the calls
     */
    Sql series(List<Instant> edges, Sql where, String sums, Connection connection) throws SQLException;

    /** The steps that make every change of calls mark its interval, even a change by another program. */
    default List<LongStep> marking() {
        return List.of();
    }

    /**
     * The query of one boolean: whether all changes mark their intervals, whoever makes them. If not, reports use rollups only for
     * calls that were dropped.
     */
    String marks();

    /**
     * The query of one text: if somebody has turned off the marking of changes, the statements that turn it on again; else null.
     * Empty if nobody can turn it off.
     */
    default Optional<String> marksAgain() {
        return Optional.empty();
    }

    /**
     * The query of one text: why changes of calls since the last run of {@link #markedFromNowOn} may lack a mark. Null if some
     * changes are still not marked, as with a table that has no triggers yet. Empty if the database cannot tell.
     */
    default Optional<String> unmarked() {
        return Optional.empty();
    }

    /** The statement that says that from this transaction on all changes are marked, as long as {@link #marks} is true. */
    default String markedFromNowOn() {
        throw new UnsupportedOperationException();
    }

    /** Marks the intervals of calls that were written in this transaction, unless the database does so by itself. */
    default void changed(List<CallRecord> calls, EntityManager entities) {}

    /** What begins a step of the rollups, so that no calls are taken away as a whole until the step ends. */
    default Optional<String> keepsTables() {
        return Optional.empty();
    }

    /** The query of one boolean, in a transaction: whether this transaction alone makes rollups until its end. */
    String takesRollups();

    /** The query for the transactions that have changed calls and have not ended. They may not know that an interval is closing. */
    String changing();

    /** An array for a statement. */
    Array instants(List<Instant> instants, Connection connection) throws SQLException;

    /**
     * How often a connection must run a statement before the driver transfers bytes as they are. Until then it transfers them as a
     * text of twice the size, which takes several times as long.
     */
    default int runsWithBytesAsText() {
        return 0;
    }

    /** The statement that lets all statements of a transaction see the same data, on a database where the transaction sets this. */
    default Optional<String> snapshot() {
        return Optional.empty();
    }

    /** JDBC's isolation level for the same, on a database where the session sets it; 0 on others. */
    default int sessionSnapshot() {
        return 0;
    }
}
