package dev.tokentally.pricing;

import dev.tokentally.time.Ticker;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.UsageRepricing;
import dev.tokentally.usage.Window;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Gives recorded calls the cost by today's price list. It never changes a cost that the provider said. A node runs one
 * repricing at a time. Several nodes may run one at the same time, since a call is changed only if it is still as it
 * was read. Safe for use by many threads.
 */
@ApplicationScoped
public class Repricing {

    /** How many repricings are remembered. */
    private static final int REMEMBERED = 10;

    /** How long the end of the application waits for the current page of calls. */
    private static final long STOP_MILLIS = TimeUnit.SECONDS.toMillis(5);

    private final PriceList prices;
    private final UsageRepricing store;
    private final RecordingNodes nodes;
    private final Clock clock;
    private final Ticker ticker;

    /** The repricings, newest first. */
    private final Deque<RepricingJob> jobs = new ArrayDeque<>();

    private ThreadFactory threads;
    private Thread running;

    /** For the proxy that CDI creates for a normal-scoped bean. */
    protected Repricing() {
        this(null, null, null, null, null);
    }

    @Inject
    Repricing(PriceList prices, UsageRepricing store, RecordingNodes nodes) {
        this(prices, store, nodes, Clock.systemUTC(), Ticker.SYSTEM);
    }

    Repricing(PriceList prices, UsageRepricing store, RecordingNodes nodes, Clock clock, Ticker ticker) {
        this.prices = prices;
        this.store = store;
        this.nodes = nodes;
        this.clock = clock;
        this.ticker = ticker;
    }

    synchronized void start(ThreadFactory factory) {
        threads = factory;
    }

    /** Asks the running job to end, and waits for its current page of calls. */
    void stop() {
        Thread last;
        synchronized (this) {
            threads = null;
            jobs.forEach(RepricingJob::stop);
            last = running;
        }
        if (last != null) {
            try {
                last.join(STOP_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Begins a repricing on a thread of its own.
     *
     * @param window the time in which the calls started; calls that start from now on are left out
     * @param dryRun true to find out what would change, without changing anything
     * @return its state
     * @throws RepricingRunningException when another repricing is running
     * @throws IllegalStateException when the application is starting or stopping, or no thread can be created
     */
    public synchronized RepricingStatus begin(Window window, boolean dryRun) throws RepricingRunningException {
        for (RepricingJob job : jobs) {
            if (!job.status().state().isOver()) {
                throw new RepricingRunningException(job.status().id());
            }
        }
        if (threads == null) {
            throw new IllegalStateException("the application is starting or stopping");
        }
        RepricingJob job = new RepricingJob(prices, store, nodes, clock, ticker, UUID.randomUUID(), window, dryRun);
        running = begun(job);
        jobs.addFirst(job);
        if (jobs.size() > REMEMBERED) {
            jobs.removeLast();
        }
        return job.status();
    }

    /** Starts the job. A thread factory that cannot create a thread may throw anything, even an Error. */
    private Thread begun(RepricingJob job) {
        try {
            Thread thread = threads.newThread(job);
            thread.start();
            job.runsOn(thread);
            return thread;
        } catch (RuntimeException | Error noThread) {
            throw new IllegalStateException("no thread can be made to reprice calls", noThread);
        }
    }

    /**
     * Asks a repricing to end. It ends after its current page of calls, which may take a moment.
     *
     * @param id the id of the repricing
     * @return its state; empty if the repricing is not known, as after a restart
     */
    public synchronized Optional<RepricingStatus> stop(UUID id) {
        find(id).ifPresent(RepricingJob::stop);
        return status(id);
    }

    /**
     * The state of a repricing.
     *
     * @param id the id of the repricing
     * @return its state; empty if the repricing is not known, as after a restart
     */
    public synchronized Optional<RepricingStatus> status(UUID id) {
        return find(id).map(RepricingJob::status);
    }

    /**
     * The states of the last repricings.
     *
     * @return their states, newest first
     */
    public synchronized List<RepricingStatus> latest() {
        return jobs.stream().map(RepricingJob::status).toList();
    }

    private Optional<RepricingJob> find(UUID id) {
        return jobs.stream().filter(job -> job.status().id().equals(id)).findFirst();
    }
}
