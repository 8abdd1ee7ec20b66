package dev.tokentally.persistence;

import dev.tokentally.config.Setting;
import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordTooOldException;
import dev.tokentally.usage.Retention;
import dev.tokentally.usage.Window;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * From when on calls are kept, as this node has read it less than a minute ago. Calls are dropped some minutes after the store says
 * so, and by then every node that reads calls knows it. Safe for use by many threads.
 */
final class KeptFrom {

    /** Why a record is refused. */
    static final String TOO_OLD = "calls of its time were dropped (" + Setting.RETENTION_CALLS.key() + ")";

    /** How old the node's knowledge may be. */
    static final long FRESH_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final Logger LOG = QuietLog.of(KeptFrom.class);

    private static final String STATE =
            "select state.kept_from, counted.dropped_calls, counted.too_old, counted.kept_from from tokentally_rollup_state state"
                    + " left join tokentally_rollup_state counted on counted.id = 2 where state.id = 1";

    private final Clocks clocks;
    private volatile boolean isForbiddenTold;
    private volatile Known known = new Known(null, null, null);

    KeptFrom(Clocks clocks) {
        this.clocks = clocks;
    }

    /**
     * Refuses records of a time that was dropped. It asks only this node's memory.
     *
     * @throws RecordTooOldException when one of the records is too old
     */
    void check(List<CallRecord> calls) throws RecordTooOldException {
        Instant from = known.from;
        if (from == null) {
            return;
        }
        for (CallRecord call : calls) {
            if (call.startedAt().isBefore(from)) {
                throw new RecordTooOldException(TOO_OLD, null);
            }
        }
    }

    /** What this node has read last. */
    Instant known() {
        return known.from;
    }

    /** From when on rollups are kept, as this node has read it last; null if none were dropped. */
    Instant rollupsKnown() {
        return known.rollupsFrom;
    }

    /** Takes over what a report has read. So callers of {@link #known} get the state from which the report was made. */
    synchronized void learn(RollupState state) {
        Known last = known;
        Known next = new Known(state.keptFrom(), state.rollupsKeptFrom(), clocks.now()).orLater(last);
        if (!Objects.equals(next.from, last.from) || !Objects.equals(next.rollupsFrom, last.rollupsFrom)) {
            known = next;
        }
    }

    /** The instant, or null if no calls were dropped. It reads it now and then. */
    Instant on(Connection connection) throws SQLException {
        Known last = known;
        if (last.readAt != null && clocks.since(last.readAt).toNanos() < FRESH_NANOS) {
            return last.from;
        }
        return read(connection).keptFrom();
    }

    /** Reads the state. Where a DBA has not made the tables yet, no calls were dropped. */
    Retention read(Connection connection) throws SQLException {
        Known before = known;
        Clocks.Moment readAt = clocks.now();
        Retention found = Retention.NONE;
        Instant rollupsFrom = null;
        try (ReadTransaction transaction = new ReadTransaction(connection);
                PreparedStatement statement = connection.prepareStatement(STATE);
                ResultSet row = statement.executeQuery()) {
            if (row.next()) {
                found = new Retention(Sql.instant(row, 1), row.getLong(2), row.getLong(3));
                rollupsFrom = Sql.instant(row, 4);
            }
        } catch (SQLException e) {
            if (!StoreFailures.isNoTable(e) && !StoreFailures.isForbidden(e)) {
                throw e;
            }
            LOG.log(Level.DEBUG, "The state of the rollups cannot be read", e);
            if (StoreFailures.isForbidden(e) && !isForbiddenTold) {
                isForbiddenTold = true;
                LOG.log(
                        Level.WARNING,
                        "The database's role may not read tokentally_rollup_state. So this node does not know whether calls were"
                                + " dropped, and its reports do not say so. A DBA may grant it: select on tokentally_rollup_state");
            }
        }
        set(new Known(found.keptFrom(), rollupsFrom, readAt), before);
        return found;
    }

    /** What another thread has learned meanwhile may be newer. */
    private synchronized void set(Known found, Known before) {
        known = known == before ? found : found.orLater(known);
    }

    /** The later one of two instants. Null stands for the beginning of time. */
    static Instant later(Instant one, Instant other) {
        return one == null || other != null && other.isAfter(one) ? other : one;
    }

    /** The part of a window from which calls are kept; null if there is none. */
    static Window part(Window window, Instant from) {
        if (from == null || window.from() != null && !window.from().isBefore(from)) {
            return window;
        }
        return window.to() != null && !window.to().isAfter(from) ? null : new Window(from, window.to());
    }

    /** @param readAt null if the store was not read yet */
    private record Known(Instant from, Instant rollupsFrom, Clocks.Moment readAt) {

        /** The later one of each two instants, since none of them ever goes back. */
        Known orLater(Known other) {
            return new Known(later(from, other.from), later(rollupsFrom, other.rollupsFrom), readAt);
        }
    }
}
