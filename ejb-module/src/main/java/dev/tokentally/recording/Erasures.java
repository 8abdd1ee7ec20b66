package dev.tokentally.recording;

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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Erases users: puts a pseudonym in the place of a user's name, or of its hash, in all rows of a tenant's calls that began before
 * it was asked for. The store keeps what was asked for and how far it is, so any node may carry it out, one at a time, and
 * another goes on where one has ended. On a thread that lives as long as there is something to do. Safe for use by many threads.
 */
@ApplicationScoped
public class Erasures {

    private static final Logger LOG = System.getLogger(Erasures.class.getName());

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long STOP_MILLIS = TimeUnit.SECONDS.toMillis(5);

    /** When it is told what an erasure waits for, and again. */
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final UserErasures store;

    private ThreadFactory threads;
    private Thread thread;
    private volatile UUID node;
    private volatile boolean stopping;
    private boolean running;
    private long told = -2;
    private String lastFailure = "";

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected Erasures() {
        this(null);
    }

    @Inject
    Erasures(UserErasures store) {
        this.store = store;
    }

    synchronized void start(ThreadFactory factory) {
        threads = factory;
    }

    /** What it is doing ends after the transaction that it is at; another node or the next start goes on. */
    void stop() {
        stopping = true;
        Thread last;
        synchronized (this) {
            threads = null;
            last = thread;
        }
        if (last != null) {
            LockSupport.unpark(last);
            try {
                last.join(STOP_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Asks for one, which goes on by itself.
     *
     * @param tenantId whose user it is
     * @param user the name
     * @return how it is doing
     * @throws HashKeyMissingException when there is no key to make hashes of names with
     * @throws UsageStoreException when the store does not take it
     */
    public Erasure begin(String tenantId, String user) throws HashKeyMissingException, UsageStoreException {
        if (!store.hasKey()) {
            throw new HashKeyMissingException();
        }
        Erasure begun = store.ask(tenantId, user);
        if (node != null) {
            ensureThread();
        }
        return begun;
    }

    /**
     * How one is doing, on whichever node.
     *
     * @param id which one
     * @return its state; empty where there is none
     * @throws UsageStoreException when the store does not tell
     */
    public Optional<Erasure> status(UUID id) throws UsageStoreException {
        return store.find(id);
    }

    /**
     * Reads what was asked for, tells the other nodes that this one heeds it, and sees to it that somebody carries it out. For the
     * heartbeat, every few seconds.
     *
     * @param here the id of this node's state
     * @param again whether it is to be told even where it has not changed
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

    private synchronized void ensureThread() {
        if (running || threads == null || stopping) {
            return;
        }
        try {
            Thread made = threads.newThread(this::run);
            made.setName("tokentally-erasing");
            running = true;
            made.start();
            thread = made;
        } catch (RuntimeException | Error noThread) {
            running = false;
            tell(noThread);
        }
    }

    private void run() {
        try {
            carryOut();
        } catch (StoreUnavailableException | WriteConflictException later) {
            LOG.log(Level.DEBUG, "The erasing of users waits for the store", later);
        } catch (UsageStoreException | RuntimeException | Error e) {
            tell(e);
        } finally {
            synchronized (this) {
                running = false;
                thread = null;
            }
        }
    }

    /** It is tried again at the next look. */
    private void tell(Throwable failure) {
        String text = LogText.of(failure);
        if (!text.equals(lastFailure)) {
            lastFailure = text;
            LOG.log(Level.WARNING, "A user could not be erased yet, which is tried again: " + text);
        }
    }

    /** Does what there is to do, the oldest first, until nothing is left or other nodes have what is left. */
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
        long until = System.nanoTime() + LOOK_NANOS;
        while (!stopping && System.nanoTime() - until < 0) {
            // Stopping is asked for otherwise; an interrupt would make this loop spin.
            Thread.interrupted();
            LockSupport.parkNanos(this, until - System.nanoTime());
        }
    }

    /** One erasure, as far as this node gets. */
    private final class Job {

        private Erasure erasure;
        private long keptAt = System.nanoTime();
        private long toldAt = System.nanoTime();
        private boolean lost;

        Job(Erasure taken) {
            this.erasure = taken;
        }

        /** Answers whether it is done. */
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
                if (nobodyPassesItBy() && lastWritersHaveEnded() && all(store::erase) == 0 && goesOn()) {
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

        /** Of a node that has ended, or whose connection has, the database may still be at a write. */
        private boolean lastWritersHaveEnded() throws UsageStoreException {
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
            if (System.nanoTime() - toldAt >= TELL_NANOS) {
                toldAt = System.nanoTime();
                LOG.log(Level.INFO, "Erasure " + erasure.id() + " waits for " + LogText.oneLine(what));
            }
        }

        /** All parts of the tenant's calls; answers how many rows were meant. */
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
            if (System.nanoTime() - keptAt >= KEEP_NANOS) {
                keep();
            }
        }

        private void keep() throws UsageStoreException {
            Optional<Erasure> kept = store.take(erasure.id(), node);
            keptAt = System.nanoTime();
            lost = kept.isEmpty();
            kept.ifPresent(now -> erasure = now);
        }
    }

    private interface Step {
        UserErasures.Part take(UUID id, CallPosition after) throws UsageStoreException;
    }
}
