package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.UsageStoreException;
import jakarta.persistence.EntityManager;
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

    /** Where its scripts are. A version is in one of them only. */
    List<String> scripts();

    /** The query that tells one session of the database from another. */
    String session();

    /** Looks at what may lose records, and puts it right or says so. */
    void check(Connection connection, boolean mayChangeTheDatabase) throws SQLException;

    /**
     * Finds out whether any row may be written, without writing one.
     *
     * @throws UsageStoreException when none may, with what to do
     */
    void mayWrite(Connection connection) throws SQLException, UsageStoreException;

    /** Has one node at a time migrate. */
    void aroundMigration(DataSource dataSource, Runnable migration) throws SQLException;

    /** What is done beside recording once the scripts were run, in this order. */
    List<LongStep> longSteps();

    /**
     * Whether a pooler in front of the database gives the transactions of one connection to several sessions, so that nothing
     * may be set or locked for a session.
     *
     * @param connection one, in no transaction
     * @param others where more are from
     */
    boolean sharesSessions(Connection connection, DataSource others) throws SQLException;

    /** Comes before each script, in its transaction. */
    void beforeScript(String script, Connection connection) throws SQLException;

    /** Inserts all of them, in the transaction of the entity manager. */
    void insert(List<CallRecord> calls, EntityManager entities);

    /**
     * Those of the calls that are not stored.
     *
     * @throws RecordRefusedException when another call has the id of one
     */
    List<CallRecord> missing(List<CallRecord> calls, EntityManager entities) throws RecordRefusedException;

    /**
     * Changes the costs of calls that are still as they were read. A row that has the new cost already counts as changed: an
     * earlier try whose outcome nobody knew did arrive.
     *
     * @return the ids of the calls that were left as they are
     */
    Set<UUID> reprice(List<CostChange> changes, EntityManager entities);

    /**
     * Gives rows another user, where it is still the one that was read.
     *
     * @param tenantId whose calls they are
     * @param rows which
     * @param pseudonym what they get
     * @return how many were changed
     */
    int erase(String tenantId, List<UserRow> rows, String pseudonym, EntityManager entities);

    /**
     * A text as an instant, as standard SQL has it.
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

    /** The query for the transactions that are writing calls; none where no other process can write. */
    Optional<String> writers();

    /**
     * The sums of each bucket, numbered from 1, and group; without buckets that have no call.
     *
     * @param sums the columns behind it
     * @param where which calls
     */
    Sql series(List<Instant> edges, Sql where, String sums, Connection connection) throws SQLException;
}
