package dev.tokentally.persistence;

import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.RecordTooOldException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/** What a store's failure means: an outage, a record that it refuses, or anything else. */
final class StoreFailures {

    private static final String KEY_CONFLICT = "23505";
    private static final String BROKEN_CHECK = "23514";
    private static final String CANCELLED = "57014";

    /** No such table: PostgreSQL's, H2's. */
    private static final Set<String> NO_TABLE = Set.of("42P01", "42S02", "42S03", "42S04");

    /** A trigger of 5_rollups.sql refuses a call whose time was dropped. */
    private static final String TOO_OLD = "TK002";

    /** No right to it: PostgreSQL's, H2's. */
    private static final Set<String> FORBIDDEN = Set.of("42501", "90096");

    /** A serialization failure, a deadlock (H2's too), a lock timeout (PostgreSQL's and H2's). */
    private static final Set<String> CONFLICTS = Set.of("40001", "40P01", "55P03", "HYT00");

    private StoreFailures() {}

    /**
     * Classifies a failure.
     *
     * @param what the message if it is neither an outage nor the record's own fault
     * @param cause what the database, its driver, its pool, JPA or the transaction threw
     */
    static UsageStoreException of(String what, Exception cause) {
        if (cause instanceof UsageStoreException known) {
            return known;
        }
        if (ConnectionFailures.isOne(cause)) {
            return new StoreUnavailableException("the store is out of reach", cause);
        }
        if (sqlState(cause).filter(CONFLICTS::contains).isPresent() || meetsPartitioning(cause)) {
            return new WriteConflictException("another transaction stood in the way", cause);
        }
        if (sqlState(cause).filter(TOO_OLD::equals).isPresent()) {
            return new RecordTooOldException(KeptFrom.TOO_OLD, cause);
        }
        return sqlState(cause).filter(StoreFailures::isTheRowsOwnFault).isPresent()
                ? new RecordRefusedException("the store refused the record", cause)
                : new UsageStoreException(what, cause);
    }

    /**
     * Class 22 is a value that does not fit, 23 a broken constraint. For all other states, only other rows can show whether every
     * row would fail.
     */
    private static boolean isTheRowsOwnFault(String state) {
        return state.startsWith("22") || state.startsWith("23");
    }

    /**
     * While the table is partitioned, a call beyond the bound of the first partition waits. While a month is attached, so does a
     * call of that month. If the call was on its way to the default partition, the check that it meets has no name.
     */
    private static boolean meetsPartitioning(Throwable failure) {
        return Causes.of(failure).stream()
                .filter(SQLException.class::isInstance)
                .map(SQLException.class::cast)
                .filter(cause -> BROKEN_CHECK.equals(cause.getSQLState()) && cause.getMessage() != null)
                .anyMatch(cause -> cause.getMessage().contains("llm_calls_before_")
                        || cause.getMessage().contains("llm_calls_moves_")
                        || cause.getMessage().contains("\"llm_calls_default\" violates partition constraint")
                        || DriverMessage.of(cause)
                                .filter(about ->
                                        "llm_calls_default".equals(about.table()) && about.constraint() == null)
                                .isPresent());
    }

    static boolean isKeyConflict(Throwable failure) {
        return sqlState(failure).filter(KEY_CONFLICT::equals).isPresent();
    }

    /** A statement that gave up since another transaction blocked it, or that a timeout of the pool cancelled. */
    static boolean isWait(Throwable failure) {
        return sqlState(failure)
                .filter(state -> CONFLICTS.contains(state) || CANCELLED.equals(state))
                .isPresent();
    }

    /** A statement that ran for too long. */
    static boolean isTimeout(Throwable failure) {
        return sqlState(failure)
                .filter(state -> CANCELLED.equals(state) || StoreReader.CANCELLED.equals(state))
                .isPresent();
    }

    /** Whether there is no such table. */
    static boolean isNoTable(Throwable failure) {
        return sqlState(failure).filter(NO_TABLE::contains).isPresent();
    }

    /** The database's role has no right to it. */
    static boolean isForbidden(Throwable failure) {
        return sqlState(failure).filter(FORBIDDEN::contains).isPresent();
    }

    /** Whether a failure of SQL is behind it, such as an answer of the database, or of a connection that broke before. */
    static boolean isOfSql(Throwable failure) {
        return Causes.of(failure).stream().anyMatch(SQLException.class::isInstance);
    }

    private static Optional<String> sqlState(Throwable failure) {
        return Causes.of(failure).stream()
                .filter(SQLException.class::isInstance)
                .map(cause -> ((SQLException) cause).getSQLState())
                .filter(state -> state != null)
                .findFirst();
    }
}
