package dev.tokentally.persistence;

import dev.tokentally.config.Settings;
import dev.tokentally.config.UserHash;
import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The erasures that this node has read. Every write of a record applies them. No write begins with erasures that were read more
 * than a few seconds ago. If a write lasts longer, the node that carries out the erasures is told to look once more. So even a node
 * that was frozen, or had no store for long, leaves no name behind. Safe for use by many threads.
 */
@ApplicationScoped
class KnownErasures {

    /** For repositories in tests: nobody is erased. */
    static final KnownErasures NONE = new KnownErasures();

    /** If a write ends within this time after its erasures were read, no later look is needed. */
    static final Duration SETTLED = Duration.ofSeconds(6);

    private static final Logger LOG = QuietLog.of(KnownErasures.class);

    /**
     * The age at which a write reads the erasures itself. It is longer than the heartbeat's interval, so that a write seldom has
     * to.
     */
    private static final Duration FRESH = Duration.ofSeconds(4);

    /** The pause if there is no such table, or no right to it, since each look is then an error in the database's log. */
    private static final Duration ABSENT = Duration.ofSeconds(60);

    private static final String FROM = """
            select number, id, tenant_id, user_hash, key_check, pseudonym, asked_at,
                   (select count(*) from tokentally_erasures where state <> 'done') as open
              from tokentally_erasures where number >= ? order by number""";

    private static final String REOPEN = """
            update tokentally_erasures set state = 'running', ended_at = null, round = round + 1
             where number > ?1 and (?2 = '' or tenant_id = ?2)""";

    private final Store store;
    private final Optional<UserHash> hash;
    private final Clocks clocks;

    /** The state before any erasure was read. */
    private final ErasuresRead none;

    private final Set<ErasuresRead> replaced = ConcurrentHashMap.newKeySet();
    private final Set<MissedErasure> missed = ConcurrentHashMap.newKeySet();
    private final Map<UUID, Long> firstSeen = new ConcurrentHashMap<>();
    private volatile Known known;
    private volatile boolean toldOfRight;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected KnownErasures() {
        this(null, Optional.empty(), Clocks.SYSTEM);
    }

    @Inject
    KnownErasures(Store store, Settings settings) {
        this(store, settings.userHash(), Clocks.SYSTEM);
    }

    KnownErasures(Store store, Optional<UserHash> hash, Clocks clocks) {
        this.store = store;
        this.hash = hash;
        this.clocks = clocks;
        this.none = new ErasuresRead(List.of(), hash);
    }

    Optional<UserHash> hash() {
        return hash;
    }

    /**
     * Begins a write. If the known erasures are too old for it, this reads them first.
     *
     * @throws UsageStoreException when they cannot be read; the write must not be made then
     */
    ErasingWrite begin() throws UsageStoreException {
        if (store == null) {
            return new Write(new Known(none, clocks.now(), true));
        }
        Known now = known;
        if (now == null || clocks.since(now.readAt).compareTo(now.isAbsent ? ABSENT : FRESH) > 0) {
            read();
        }
        while (true) {
            now = known;
            now.read.writes().incrementAndGet();
            // The thread that replaces the known erasures looks at the number of writes afterwards, so one of the two
            // threads sees the other.
            if (known.read == now.read) {
                return new Write(now);
            }
            now.read.writes().decrementAndGet();
        }
    }

    /** Returns whether any erasure is not done yet. */
    boolean read() throws UsageStoreException {
        // This settles only those that were missed before the reading, which may not find one that is missed later.
        List<MissedErasure> settled = List.copyOf(missed);
        Clocks.Moment readAt = clocks.now();
        try {
            Known before = known;
            Found found = found(before == null ? none : before.read);
            take(found, readAt);
            boolean begunAgain = false;
            for (MissedErasure each : found.isAbsent ? List.<MissedErasure>of() : settled) {
                begunAgain |= settle(each);
            }
            return found.open > 0 || begunAgain;
        } catch (SQLException | RuntimeException e) {
            throw StoreFailures.of("the erasures could not be read", e);
        }
    }

    private Found found(ErasuresRead before) throws SQLException, UsageStoreException {
        return store.read(connection -> {
            try {
                Found found = later(before, connection);
                // The table was made anew, or the database was reset to an earlier state.
                return found == null ? later(none, connection) : found;
            } catch (SQLException e) {
                if (!isAbsent(e)) {
                    throw e;
                }
                tellOfRight(e);
                return new Found(before, List.of(), 0, true);
            }
        });
    }

    private static boolean isAbsent(SQLException e) {
        return StoreFailures.isForbidden(e) || StoreFailures.isNoTable(e);
    }

    private void tellOfRight(SQLException e) {
        if (StoreFailures.isForbidden(e) && !toldOfRight) {
            toldOfRight = true;
            LOG.log(
                    Level.WARNING,
                    "The database's role may not read tokentally_erasures. Records of this node are stored, but erased"
                            + " users are not replaced in them. Grant the role select, insert and update on tokentally_erasures and"
                            + " on tokentally_nodes");
        }
    }

    /** Returns null if the newest known erasure is not in the table. */
    private static Found later(ErasuresRead before, Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FROM)) {
            statement.setLong(1, before.number());
            try (ResultSet rows = statement.executeQuery()) {
                List<AskedErasure> later = new ArrayList<>();
                boolean isNewestThere = before.newest() == null;
                long open = 0;
                while (rows.next()) {
                    AskedErasure erasure = new AskedErasure(
                            rows.getObject(2, UUID.class),
                            rows.getLong(1),
                            rows.getString(3),
                            rows.getString(4),
                            rows.getString(5),
                            rows.getString(6),
                            rows.getObject(7, OffsetDateTime.class).toInstant());
                    open = rows.getLong(8);
                    if (erasure.id().equals(before.newest())) {
                        isNewestThere = true;
                    } else {
                        later.add(erasure);
                    }
                }
                return isNewestThere ? new Found(before, later, open, false) : null;
            }
        }
    }

    private synchronized void take(Found found, Clocks.Moment readAt) {
        Known before = known;
        boolean isAnew = before != null && before.read != none && found.before == none;
        if (before != null && found.before != before.read && !isAnew) {
            // Another thread has read more meanwhile.
            return;
        }
        if (before != null && found.later.isEmpty() && !isAnew) {
            known = new Known(before.read, readAt, found.isAbsent);
            return;
        }
        found.later.forEach(
                each -> firstSeen.putIfAbsent(each.id(), clocks.nanos().getAsLong()));
        if (before != null) {
            replaced.add(before.read);
        }
        ErasuresRead now = found.later.isEmpty() ? none : found.before.with(found.later);
        known = new Known(now, readAt, found.isAbsent);
    }

    /** The number up to which all writes of this node apply the erasures, even those that began before or took too long. */
    long heeded() {
        Known now = known;
        if (now == null || now.isAbsent) {
            return -1;
        }
        long heeded = now.read.number();
        for (ErasuresRead each : replaced) {
            if (each.writes().get() > 0) {
                heeded = Math.min(heeded, each.number());
            } else if (each != now.read) {
                // No new write can use these erasures any more.
                replaced.remove(each);
            }
        }
        for (MissedErasure each : missed) {
            heeded = Math.min(heeded, each.after);
        }
        return heeded;
    }

    /** Returns null if it was not read. */
    AskedErasure find(UUID id) {
        Known now = known;
        return now == null ? null : now.read.find(id);
    }

    /** Whether every write that may still be under way on any node either applies the erasure or is reported. */
    boolean isSettled(UUID id) {
        Long seen = firstSeen.get(id);
        return seen != null && clocks.nanos().getAsLong() - seen > SETTLED.toNanos();
    }

    /** Asks for one more look at names that a write may have left behind. */
    private boolean settle(MissedErasure one) throws UsageStoreException {
        // It is removed first, since a later write may add the same one.
        missed.remove(one);
        if (one.after >= known.read.number()) {
            return false;
        }
        try {
            return store.write((entities, dialect) ->
                    NativeSql.query(entities, REOPEN, one.after, one.tenantId).executeUpdate() > 0);
        } catch (UsageStoreException | RuntimeException e) {
            missed.add(one);
            throw e;
        }
    }

    /** The erasures that writes apply, and when reading them began. */
    private record Known(ErasuresRead read, Clocks.Moment readAt, boolean isAbsent) {}

    /** The erasures that were found after the known ones. */
    private record Found(ErasuresRead before, List<AskedErasure> later, long open, boolean isAbsent) {}

    /**
     * A write may have left names of users who are erased.
     *
     * @param tenantId whose users they are; empty for any tenant
     * @param after only erasures with a larger number concern it
     */
    private record MissedErasure(String tenantId, long after) {}

    private final class Write implements ErasingWrite {

        private final Known begun;
        private final Set<String> doubtful = new HashSet<>();

        Write(Known begun) {
            this.begun = begun;
        }

        @Override
        public CallRecord of(CallRecord call) {
            CallRecord written = begun.read.of(call);
            if (begun.read.isDoubtful(written)) {
                doubtful.add(written.tenantId());
            }
            return written;
        }

        @Override
        public void close() {
            doubtful.forEach(tenant -> missed.add(new MissedErasure(tenant, 0)));
            if (clocks.since(begun.readAt).compareTo(SETTLED) > 0) {
                missed.add(new MissedErasure("", begun.read.number()));
            }
            begun.read.writes().decrementAndGet();
        }
    }
}
