package dev.tokentally.pricing;

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
 * Gives recorded calls the cost of today's price list: those that the list made another cost of, or none. Never those whose
 * provider said it. One at a time; nodes that do it at once do each other no harm, as a call is changed only where it is
 * still as it was read. Safe for use by many threads.
 */
@ApplicationScoped
public class Repricing {

    /** How many are remembered. */
    private static final int REMEMBERED = 10;

    /** For a page, when the application stops. */
    private static final long STOP_MILLIS = TimeUnit.SECONDS.toMillis(5);

    private final PriceList prices;
    private final UsageRepricing store;
    private final Clock clock;

    /** Newest first. */
    private final Deque<RepricingJob> jobs = new ArrayDeque<>();

    private ThreadFactory threads;
    private Thread running;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected Repricing() {
        this(null, null, null);
    }

    @Inject
    Repricing(PriceList prices, UsageRepricing store) {
        this(prices, store, Clock.systemUTC());
    }

    Repricing(PriceList prices, UsageRepricing store, Clock clock) {
        this.prices = prices;
        this.store = store;
        this.clock = clock;
    }

    synchronized void start(ThreadFactory factory) {
        threads = factory;
    }

    /** A job is asked to end, and given time for the page that it is at. */
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
     * Begins one, which goes on by itself.
     *
     * @param window whose calls; what starts from now on is left out
     * @param dryRun true to find out what would change, without changing it
     * @return how it is doing
     * @throws RepricingRunningException when another one goes on
     * @throws IllegalStateException when the application is starting or stopping, or no thread can be made
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
        RepricingJob job = new RepricingJob(prices, store, clock, UUID.randomUUID(), window, dryRun);
        running = begun(job);
        jobs.addFirst(job);
        if (jobs.size() > REMEMBERED) {
            jobs.removeLast();
        }
        return job.status();
    }

    /** What a factory throws when it can make no thread is its own choice, and may be an Error. */
    private Thread begun(RepricingJob job) {
        try {
            Thread thread = threads.newThread(job);
            thread.start();
            return thread;
        } catch (RuntimeException | Error noThread) {
            throw new IllegalStateException("no thread can be made to reprice calls", noThread);
        }
    }

    /**
     * Asks one to end. It does so after the calls that it is at, which may take a moment.
     *
     * @param id which one
     * @return how it is doing; empty where it is not known, as after a restart
     */
    public synchronized Optional<RepricingStatus> stop(UUID id) {
        find(id).ifPresent(RepricingJob::stop);
        return status(id);
    }

    /**
     * How one is doing.
     *
     * @param id which one
     * @return its state; empty where it is not known, as after a restart
     */
    public synchronized Optional<RepricingStatus> status(UUID id) {
        return find(id).map(RepricingJob::status);
    }

    /**
     * How the last ones are doing.
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
