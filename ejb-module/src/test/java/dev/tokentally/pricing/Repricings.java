package dev.tokentally.pricing;

import dev.tokentally.time.Ticker;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.UsageRepricing;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Predicate;

/** Repricing without a server, for tests of other rooms too. */
public final class Repricings {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private Repricings() {}

    /** A repricing with the prices of a text in our own format, ready to begin. */
    public static Repricing of(String prices, UsageRepricing store) {
        return of(list(prices), store);
    }

    /** A repricing with a list, ready to begin. */
    static Repricing of(PriceList prices, UsageRepricing store) {
        return of(prices, store, Ticker.SYSTEM);
    }

    /** With a list, by another clock, ready to begin. */
    static Repricing of(PriceList prices, UsageRepricing store, Ticker ticker) {
        return of(prices, store, new ScriptedNodes(), ticker);
    }

    /** With what the nodes say of themselves, ready to begin. */
    static Repricing of(PriceList prices, UsageRepricing store, RecordingNodes nodes, Ticker ticker) {
        Repricing repricing = new Repricing(prices, store, nodes, Clock.systemUTC(), ticker);
        repricing.start(work -> {
            Thread thread = new Thread(work, "repricing");
            thread.setDaemon(true);
            return thread;
        });
        return repricing;
    }

    /** A list with only these prices. */
    public static PriceList list(String prices) {
        return Lists.csv(prices);
    }

    /** Waits until the newest repricing is over, and returns it. */
    public static RepricingStatus awaitEnd(Repricing repricing) throws InterruptedException {
        return await(repricing, status -> false);
    }

    /** Waits until the newest repricing meets the condition or is over, and returns it. */
    public static RepricingStatus await(Repricing repricing, Predicate<RepricingStatus> enough)
            throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            RepricingStatus status = repricing.latest().get(0);
            if (enough.test(status) || status.state().isOver()) {
                return status;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still " + status);
            }
            Thread.sleep(2);
        }
    }
}
