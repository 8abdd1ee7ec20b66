package dev.tokentally.pricing;

import dev.tokentally.text.FailureText;
import dev.tokentally.text.FailureTrace;
import dev.tokentally.text.QuietLog;
import dev.tokentally.time.BackOff;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepricing;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import dev.tokentally.usage.WriteConflictException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * Goes through the calls of a window, newest first, and gives them the cost by today's list. Then it looks for calls that were
 * stored meanwhile, since a record may arrive long after its call, with the cost of that time. An interrupted job is not resumed.
 * It can simply be run again, since it leaves the calls unchanged that already have the new cost.
 */
final class RepricingJob implements Runnable {

    private static final Logger LOG = QuietLog.of(RepricingJob.class);

    private static final String UNEXPECTED = "an unexpected failure; the server's log says more";

    private static final String UNDATED =
            "The price file does not say since when its prices hold, so calls of the past get the prices of today.";

    /** How many calls are read, and changed, in one transaction. */
    static final int BATCH = 500;

    /** How many pages one statement may have to look through for late calls, so that no timeout of a pool cuts it off. */
    static final int PAGES_OF_A_STRETCH = 20;

    /**
     * The store knows of a write only once the write has reached the table. A transaction may have begun before, and that is the
     * time that its rows have.
     */
    private static final Duration UNSEEN = Duration.ofMinutes(1);

    private final PriceList prices;
    private final UsageRepricing store;
    private final RecordingNodes nodes;
    private final Clock clock;
    private final Ticker ticker;
    private final UUID id;
    private final Window window;
    private final boolean dryRun;
    private final Instant startedAt;
    private final RepricingTally tally = new RepricingTally();

    /** The starts of calls that divide the window into stretches, newest first. */
    private final List<Instant> stretches = new ArrayList<>();

    private CallPosition after;
    private List<String> notYetStored = List.of();
    private volatile Thread thread;
    private volatile boolean stopping;
    private volatile RepricingStatus status;

    RepricingJob(
            PriceList prices,
            UsageRepricing store,
            RecordingNodes nodes,
            Clock clock,
            Ticker ticker,
            UUID id,
            Window window,
            boolean dryRun) {
        this.prices = prices;
        this.store = store;
        this.nodes = nodes;
        this.clock = clock;
        this.ticker = ticker;
        this.id = id;
        this.dryRun = dryRun;
        this.startedAt = clock.instant();
        this.window = upTo(startedAt, window);
        publish(RepricingState.RUNNING, null);
    }

    /**
     * Ends the window at the present. Later calls get today's prices anyway, and a job over an open window might never
     * end.
     */
    private static Window upTo(Instant now, Window window) {
        boolean endsBefore = window.to() != null && !window.to().isAfter(now);
        boolean beginsAfter = window.from() != null && !window.from().isBefore(now);
        return endsBefore || beginsAfter ? window : new Window(window.from(), now);
    }

    /** Tells on which thread the job runs, after the thread was started. */
    void runsOn(Thread started) {
        thread = started;
    }

    /** If memory is short, the thread may end before it can say so. Otherwise such a job would keep others from beginning. */
    RepricingStatus status() {
        Thread last = thread;
        boolean hasEnded = last != null && !last.isAlive();
        if (hasEnded && !status.state().isOver()) {
            publish(RepricingState.FAILED, UNEXPECTED);
        }
        return status;
    }

    /** Asks the job to end after its current page. */
    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        try {
            LOG.log(Level.INFO, "Repricing " + id + " begins" + (dryRun ? ", without changing anything" : ""));
            Instant oldestWrite = dryRun ? null : patiently(store::oldestWrite);
            boolean more = true;
            while (more && !stopping) {
                more = page();
            }
            if (!more) {
                // Asked before the last look at the store, so a record that arrives in between is announced too.
                notYetStored = notYetStored();
                more = !dryRun && !lateCalls(oldestWrite.minus(UNSEEN));
            }
            publish(more ? RepricingState.STOPPED : RepricingState.DONE, null);
        } catch (StoppedException stopped) {
            publish(RepricingState.STOPPED, null);
        } catch (UsageStoreException e) {
            tellFailed(PriceText.shown(FailureText.root(e).toString()));
            publish(RepricingState.FAILED, e.getMessage());
        } catch (RuntimeException | Error e) {
            tellFailed(FailureTrace.of(e));
            publish(RepricingState.FAILED, UNEXPECTED);
        }
        RepricedCalls total = status.total();
        LOG.log(
                Level.INFO,
                "Repricing " + id + " is " + status.state().label() + (dryRun ? " without changing anything" : "")
                        + ": "
                        + status.callsRead() + " calls back to " + status.reached() + ", " + total.changes()
                        + " changes, "
                        + total.withoutPrice() + " without a price");
    }

    private void tellFailed(String why) {
        LOG.log(Level.ERROR, "Repricing " + id + " failed: " + why);
    }

    /** Reprices one page of calls. Returns whether there may be more. */
    private boolean page() throws UsageStoreException, StoppedException {
        List<CallRecord> calls = patiently(() -> store.newestCalls(window, after, BATCH));
        Map<CallRecord, Cost> changes = new LinkedHashMap<>();
        for (CallRecord call : calls) {
            Cost cost = costToday(call);
            if (isChange(call, cost)) {
                changes.put(call, cost);
            } else if (cost != null) {
                tally.kept(call, cost.source() != CostSource.NONE, false);
            }
        }
        change(changes);
        tally.read(calls.size());
        if (!calls.isEmpty()) {
            after = CallPosition.after(calls.get(calls.size() - 1));
            if (tally.callsRead() % (BATCH * PAGES_OF_A_STRETCH) == 0) {
                stretches.add(after.startedAt());
            }
        }
        publish(RepricingState.RUNNING, null);
        return calls.size() == BATCH;
    }

    /** Reprices the calls that were stored since an instant, also those that the pages have. Returns whether it came to the end. */
    private boolean lateCalls(Instant since) throws UsageStoreException, StoppedException {
        Instant to = window.to();
        stretches.add(window.from());
        for (Instant from : stretches) {
            if (from == null || !from.equals(to)) {
                lateCalls(since, new Window(from, to));
            }
            to = from;
            if (stopping) {
                return false;
            }
        }
        return true;
    }

    private void lateCalls(Instant since, Window stretch) throws UsageStoreException, StoppedException {
        CallPosition place = null;
        List<CallRecord> calls;
        do {
            CallPosition last = place;
            calls = patiently(() -> store.storedSince(since, stretch, last, BATCH));
            Map<CallRecord, Cost> changes = new LinkedHashMap<>();
            for (CallRecord call : calls) {
                Cost cost = costToday(call);
                if (isChange(call, cost)) {
                    changes.put(call, cost);
                }
            }
            change(changes);
            publish(RepricingState.RUNNING, null);
            place = calls.isEmpty() ? null : CallPosition.after(calls.get(calls.size() - 1));
        } while (calls.size() == BATCH && !stopping);
    }

    private void change(Map<CallRecord, Cost> changes) throws UsageStoreException, StoppedException {
        Set<UUID> left = dryRun || changes.isEmpty() ? Set.of() : patiently(() -> store.reprice(changes(changes)));
        changes.forEach((call, cost) -> {
            if (left.contains(call.id())) {
                tally.kept(call, true, true);
            } else {
                tally.changed(call, cost);
            }
        });
    }

    /** The cost of a call by today's list; null if the call keeps its cost in any case. */
    private Cost costToday(CallRecord call) {
        boolean usedNothing = call.tokens().input() == 0
                && call.tokens().output() == 0
                && call.tokens().meters().isEmpty();
        if (call.costSource() == CostSource.PROVIDER || usedNothing && call.status() == CallStatus.ERROR) {
            return null;
        }
        return prices.costOf(Cost.UNKNOWN, call.usage(), call.startedAt());
    }

    private static boolean isChange(CallRecord call, Cost cost) {
        return cost != null && cost.source() != CostSource.NONE && !cost.equals(call.cost());
    }

    private List<String> notYetStored() throws StoppedException {
        try {
            return NotYetStored.notes(patiently(nodes::all), window);
        } catch (UsageStoreException unknown) {
            return List.of("It is not known how many records wait on the nodes: " + unknown.getMessage() + ". "
                    + NotYetStored.WHAT_TO_DO);
        }
    }

    private static List<CostChange> changes(Map<CallRecord, Cost> changes) {
        return changes.entrySet().stream()
                .map(change -> new CostChange(change.getKey(), change.getValue()))
                .toList();
    }

    /** Asks the store, and waits without a limit for the end of an outage or of a transaction that is in the way. */
    private <T> T patiently(Question<T> question) throws UsageStoreException, StoppedException {
        Class<?> told = null;
        for (int failures = 1; ; failures++) {
            try {
                T answer = question.ask();
                if (failures > 1) {
                    publish(RepricingState.RUNNING, null);
                }
                return answer;
            } catch (StoreUnavailableException | WriteConflictException later) {
                if (later.getClass() != told) {
                    told = later.getClass();
                    publish(RepricingState.WAITING, null);
                    String waits = later instanceof WriteConflictException
                            ? " waits for another transaction, then tries again: "
                            : " waits for the store: ";
                    LOG.log(Level.WARNING, "Repricing " + id + waits + later.getMessage());
                }
                ticker.sleep(this, BackOff.STORE.after(failures), () -> stopping);
                if (stopping) {
                    throw new StoppedException();
                }
            }
        }
    }

    private void publish(RepricingState state, String fault) {
        status = new RepricingStatus(
                id,
                window,
                store.callsKeptFrom(window),
                dryRun,
                state,
                fault,
                startedAt,
                state.isOver() ? clock.instant() : null,
                after == null ? null : after.startedAt().plus(1, ChronoUnit.MICROS),
                tally.callsRead(),
                tally.total(),
                tally.models(),
                notes());
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>(notYetStored);
        if (!prices.isDated()) {
            notes.add(UNDATED);
        }
        return notes;
    }

    private interface Question<T> {
        T ask() throws UsageStoreException;
    }

    private static final class StoppedException extends Exception {

        private static final long serialVersionUID = 1L;

        StoppedException() {
            super(null, null, false, false);
        }
    }
}
