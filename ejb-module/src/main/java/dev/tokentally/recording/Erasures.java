package dev.tokentally.recording;

import dev.tokentally.text.QuietLog;
import dev.tokentally.time.SingleThread;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.Erasure;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.UserErasures;
import dev.tokentally.usage.WriteConflictException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Erases users: replaces a user's name, or its hash, by a pseudonym in all rows of a tenant's calls that began before the request.
 * The store keeps each request and its progress, so any node may carry it out, one node at a time. If a node ends, another goes on.
 * The work runs on a thread that lives as long as there is something to do. Safe for use by many threads.
 */
@ApplicationScoped
public class Erasures {

    private static final Logger LOG = QuietLog.of(Erasures.class);

    private static final Duration LOOK = Duration.ofMillis(500);
    private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration STOP = Duration.ofSeconds(5);

    /** How often the log says for what an erasure waits. */
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final SingleThread.Purpose PURPOSE = new SingleThread.Purpose(
            "tokentally-erasing", "erase users", "The module tries it again every few seconds");

    private final UserErasures store;
    private final Ticker ticker;

    private volatile SingleThread thread;
    /** The thread that calls {@link #look}; null before the start. */
    private volatile SingleThread looking;

    private volatile UUID node;
    private volatile boolean stopping;
    private long told = -2;
    private String lastFailure = "";

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected Erasures() {
        this(null, null);
    }

    @Inject
    Erasures(UserErasures store) {
        this(store, Ticker.SYSTEM);
    }

    Erasures(UserErasures store, Ticker ticker) {
        this.store = store;
        this.ticker = ticker;
    }

    void start(ThreadFactory factory) {
        thread = new SingleThread(factory, ticker, PURPOSE, this::run);
    }

    /** From now on, a request makes this thread if there is none. */
    void lookOn(SingleThread heartbeat) {
        looking = heartbeat;
    }

    /** Stops after the current transaction. Another node or the next start goes on. */
    void stop() {
        stopping = true;
        SingleThread last = thread;
        if (last != null) {
            try {
                last.stop(STOP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Requests an erasure, which runs in the background.
     *
     * @param tenantId whose user it is
     * @param user the name
     * @return its state
     * @throws HashKeyMissingException when there is no key to make hashes of names with
     * @throws UsageStoreException when the store does not take it
     */
    public Erasure begin(String tenantId, String user) throws HashKeyMissingException, UsageStoreException {
        if (!store.hasKey()) {
            throw new HashKeyMissingException();
        }
        Erasure begun = store.ask(tenantId, user);
        SingleThread heartbeat = looking;
        if (heartbeat != null) {
            heartbeat.ensure();
        }
        if (node != null) {
            ensureThread();
        }
        return begun;
    }

    /**
     * The state of an erasure, on whichever node it runs.
     *
     * @param id the id of the erasure
     * @return its state; empty if there is no such erasure
     * @throws UsageStoreException when the store does not answer
     */
    public Optional<Erasure> status(UUID id) throws UsageStoreException {
        return store.find(id);
    }

    /**
     * Reads the requests, tells the other nodes that this node applies them, and makes sure that somebody carries them out. The
     * heartbeat calls it every few seconds.
     *
     * @param here the id of this node's state
     * @param again whether to tell the other nodes even if nothing has changed
     */
    void look(UUID here, boolean again) throws UsageStoreException {
        node = here;
        boolean open = store.read();
        long heeded = store.heeded();
        if (again || heeded != told) {
            store.tell(here);
            told = heeded;
        }
        if (open) {
            ensureThread();
        }
    }

    private void ensureThread() {
        SingleThread one = thread;
        if (one != null && !stopping) {
            one.ensure();
        }
    }

    private void run() {
        try {
            carryOut();
        } catch (StoreUnavailableException | WriteConflictException later) {
            LOG.log(Level.DEBUG, "The erasing of users waits for the store", later);
        } catch (UsageStoreException | RuntimeException | Error e) {
            tell(e);
        }
    }

    /** The next look tries it again. */
    private void tell(Throwable failure) {
        String text = LogText.of(failure);
        if (!text.equals(lastFailure)) {
            lastFailure = text;
            LOG.log(
                    Level.WARNING,
                    "A user could not be erased yet, and the module tries again: " + text,
                    LogText.unexpected(failure));
        }
    }

    /** Carries out the erasures, the oldest first, until none is left or other nodes have the rest. */
    void carryOut() throws UsageStoreException {
        boolean more = true;
        while (more && !stopping) {
            more = false;
            for (Erasure open : store.open()) {
                Optional<Erasure> taken = stopping ? Optional.empty() : store.take(open.id(), node);
                if (taken.isPresent() && new Job(taken.get()).run()) {
                    LOG.log(Level.INFO, "Erasure " + open.id() + " is done");
                    lastFailure = "";
                    more = true;
                }
            }
        }
    }

    private void sleep() {
        ticker.sleep(this, LOOK, () -> stopping);
    }

    /** One erasure, as far as this node gets. */
    private final class Job {

        private Erasure erasure;
        private long keptAt = ticker.nanoTime();
        private long toldAt = ticker.nanoTime();
        private boolean lost;

        Job(Erasure taken) {
            this.erasure = taken;
        }

        /** Returns whether the erasure is done. */
        boolean run() throws UsageStoreException {
            if (erasure.rowsTotal() == null) {
                LOG.log(Level.INFO, "Erasure " + erasure.id() + " begins");
                long left = all(store::count);
                if (goesOn()) {
                    store.counted(erasure.id(), left);
                }
            }
            if (goesOn()) {
                all(store::erase);
            }
            if (goesOn()) {
                store.waits(erasure.id());
            }
            while (goesOn()) {
                keep();
                if (!goesOn()) {
                    break;
                }
                long round = erasure.round();
                // Partitioning may move calls out of the table for a time. The second look at the writers also finds
                // those that came back after the table was read.
                if (nobodyPassesItBy()
                        && awaitLastWriters()
                        && all(store::erase) == 0
                        && awaitLastWriters()
                        && goesOn()) {
                    if (store.done(erasure.id(), round)) {
                        return true;
                    }
                } else {
                    sleep();
                }
            }
            return false;
        }

        private boolean goesOn() {
            return !stopping && !lost;
        }

        private boolean nobodyPassesItBy() throws UsageStoreException {
            List<String> behind = store.behind(erasure.id());
            if (!behind.isEmpty()) {
                tellWhatItWaitsFor(String.join(", ", behind));
            }
            return behind.isEmpty() && store.isSettled(erasure.id());
        }

        /** If a node has ended, or its connection has, the database may still be working on a write of that node. */
        private boolean awaitLastWriters() throws UsageStoreException {
            Set<String> writers = store.writers();
            while (goesOn() && !writers.isEmpty()) {
                Set<String> now = new HashSet<>(store.writers());
                writers.retainAll(now);
                if (!writers.isEmpty()) {
                    tellWhatItWaitsFor("transactions that write to llm_calls: " + writers);
                    sleep();
                    keepNowAndThen();
                }
            }
            return goesOn();
        }

        private void tellWhatItWaitsFor(String what) {
            if (ticker.nanoTime() - toldAt >= TELL_NANOS) {
                toldAt = ticker.nanoTime();
                LOG.log(Level.INFO, "Erasure " + erasure.id() + " waits for " + LogText.oneLine(what));
            }
        }

        /** Takes the step for all parts of the tenant's calls. Returns how many rows it concerned. */
        private long all(Step step) throws UsageStoreException {
            long rows = 0;
            CallPosition after = null;
            do {
                UserErasures.Part part = step.take(erasure.id(), after);
                rows += part.rows();
                after = part.next();
                keepNowAndThen();
            } while (after != null && goesOn());
            return rows;
        }

        private void keepNowAndThen() throws UsageStoreException {
            if (ticker.nanoTime() - keptAt >= KEEP_NANOS) {
                keep();
            }
        }

        private void keep() throws UsageStoreException {
            Optional<Erasure> kept = store.take(erasure.id(), node);
            keptAt = ticker.nanoTime();
            lost = kept.isEmpty();
            kept.ifPresent(now -> erasure = now);
        }
    }

    private interface Step {
        UserErasures.Part take(UUID id, CallPosition after) throws UsageStoreException;
    }
}
