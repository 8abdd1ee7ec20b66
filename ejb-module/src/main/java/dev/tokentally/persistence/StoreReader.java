package dev.tokentally.persistence;

import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.text.OneLine;
import dev.tokentally.text.QuietLog;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.ReportTimeoutException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.TooManyBucketsException;
import dev.tokentally.usage.TooManyReportsException;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads on its own threads, so that the caller can stop waiting. A store that is frozen, or a pool that has no connection left,
 * holds a thread for as long as their settings say. There are few of these threads, since recording needs the pool more, and no
 * asker gets them all ({@link FairShare}). They are never interrupted, since H2 closes its file when a thread that uses it is
 * interrupted.
 */
@ApplicationScoped
class StoreReader {

    private static final Logger LOG = QuietLog.of(StoreReader.class);

    /** How long to wait for a free reader, the connection and a first answer. */
    static final Duration CONTACT = Duration.ofMillis(1500);

    /** The SQLState of H2, which we use too, for a statement that ran for too long. */
    static final String CANCELLED = "HY008";

    /**
     * For how long no read may get a first answer until the store counts as out of reach. It is shorter than {@link #CONTACT}. A read
     * that gets no turn gives up after that time, and by then the silence of the reads before it must be long enough to be noticed.
     */
    private static final Duration SILENCE = CONTACT.dividedBy(2);

    private static final int READERS = 4;
    private static final int QUEUE = 64;
    private static final int IDLE_SECONDS = 30;

    private final Store store;
    private final Duration maxTime;
    private final SignsOfLife signs = new SignsOfLife(SILENCE, Ticker.SYSTEM);
    private ThreadPoolExecutor readers;
    private FairShare share;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected StoreReader() {
        this.store = null;
        this.maxTime = null;
    }

    @Inject
    StoreReader(Store store, Settings settings) {
        this.store = store;
        this.maxTime = settings.reportsMaxTime();
    }

    void start(ThreadFactory threads) {
        readers = new ThreadPoolExecutor(
                READERS, READERS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        readers.allowCoreThreadTimeOut(true);
        share = new FairShare(readers, READERS, QUEUE);
    }

    /** A running read may go on to its end. */
    void stop() {
        readers.shutdown();
    }

    /**
     * Reads.
     *
     * @param asker for whom the answer is; readers are shared among askers: a tenant's id, or null for all tenants
     */
    <T> T read(String asker, Store.Work<T> query) throws UsageStoreException {
        Contact contact = new Contact();
        FutureTask<T> reading = new FutureTask<>(() -> {
            contact.begin();
            try {
                return store.with(connection -> {
                    Store.touch(connection);
                    contact.succeed();
                    return within(maxTime, connection, query);
                });
            } finally {
                contact.end();
            }
        });
        try {
            share.execute(asker, reading);
        } catch (RejectedExecutionException busyOrStopped) {
            if (readers.isShutdown()) {
                throw new StoreUnavailableException("the application is stopping", null);
            }
            throw withoutTurn(asker);
        } catch (RuntimeException | Error noThread) {
            throw new StoreUnavailableException("no thread can be made to read from the store", noThread);
        }
        try {
            return result(asker, reading, contact);
        } finally {
            // A read for which nobody waits is then not begun. A running one goes on.
            share.forget(reading);
            reading.cancel(false);
        }
    }

    private <T> T result(String asker, FutureTask<T> reading, Contact contact) throws UsageStoreException {
        try {
            if (!contact.over.await(CONTACT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw contact.isSoughtInVain() ? silent() : withoutTurn(asker);
            }
            return reading.get(maxTime.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw tooLong(e);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UsageStoreException("the thread that waited for a report was interrupted", e);
        }
    }

    private UsageStoreException withoutTurn(String asker) {
        return signs.isSilent()
                ? silent()
                : new TooManyReportsException(
                        "all readers of the store that this caller may use are busy with other reports, "
                                + (asker == null ? "for all tenants" : "tenant=" + OneLine.of(asker)));
    }

    private static StoreUnavailableException silent() {
        return new StoreUnavailableException("the store gave no answer in time", null);
    }

    private UsageStoreException failure(Throwable cause) {
        if (cause instanceof UsageStoreException known) {
            return known;
        }
        if (cause instanceof TooManyBucketsException asked) {
            throw asked;
        }
        if (cause instanceof SQLException && StoreFailures.isTimeout(cause)) {
            return tooLong(cause);
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return StoreFailures.of("the store could not answer", (Exception) cause);
    }

    private UsageStoreException tooLong(Throwable cause) {
        return new ReportTimeoutException(
                "the report took longer than " + Setting.REPORTS_MAX_TIME.key() + "=" + maxTime.toMillis() + "ms",
                cause);
    }

    /**
     * Reads with enough time for each answer, although a pool may give its connections less. The pool gets the connection back as it
     * was, also after a failure: no pool resets this time, and it knows nothing of a failure that is not the connection's.
     */
    private static <T> T within(Duration time, Connection connection, Store.Work<T> query)
            throws SQLException, UsageStoreException {
        int millis = Math.toIntExact(time.toMillis()) + 1000;
        return Snapshot.patiently(connection, millis, any -> {
            try {
                return query.on(any);
            } finally {
                end(any);
            }
        });
    }

    /** What was read stays valid if this fails. The connection is then broken, and its transaction has ended. */
    private static void end(Connection connection) {
        try {
            ReadTransaction.end(connection);
        } catch (SQLException broken) {
            LOG.log(Level.DEBUG, "The transaction of a report could not be ended", broken);
        }
    }

    /** The wait of one read for its turn, for a connection and for a first answer. Most methods are for the thread that reads. */
    private final class Contact {

        private final CountDownLatch over = new CountDownLatch(1);
        private volatile boolean isSought;
        private volatile long soughtAt;
        private boolean hasSign;

        void begin() {
            soughtAt = System.nanoTime();
            isSought = true;
            signs.started();
        }

        /** Whether the read had its turn, and has waited for the store long enough to blame it. For the thread that asks. */
        boolean isSoughtInVain() {
            return isSought && System.nanoTime() - soughtAt >= SILENCE.toNanos();
        }

        void succeed() {
            hasSign = true;
            signs.answered();
            over.countDown();
        }

        void end() {
            if (!hasSign) {
                signs.failed();
            }
            over.countDown();
        }
    }
}
