package dev.tokentally.recording;

import dev.tokentally.time.Ticker;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The machine's clock in a process in which memory is short: the pause between two attempts to reach the store throws an Error. JUnit
 * would end all tests at an OutOfMemoryError, so another Error stands for it.
 */
final class ShortOfMemory implements Ticker {

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void sleep(Object blocker, Duration time, BooleanSupplier stopping) {
        if (blocker instanceof StoreLink) {
            throw new InternalError("Java heap space");
        }
        Ticker.super.sleep(blocker, time, stopping);
    }
}
