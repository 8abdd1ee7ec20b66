package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.config.DeployedApplication;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.UsageRepository;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Recorders without a server, for callers that are in no transaction. */
final class Recorders {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private Recorders() {}

    static SpooledRecorder of(UsageRepository repository, Map<String, String> config) {
        return new SpooledRecorder(
                new Settings(new MapConfig(config)),
                repository,
                new LiveRetry(RetriedAttempts.MAX_ATTEMPTS),
                new GuardedAttempts(),
                new CallersTransaction() {

                    @Override
                    boolean isActive() {
                        return false;
                    }
                },
                new DeployedApplication());
    }

    static Thread daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    }

    static void await(BooleanSupplier condition) {
        await(Duration.ofMillis(5), condition);
    }

    /** Waits, and looks at the condition each time so much time has passed. */
    static void await(Duration pause, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            // Not a sleep, which lasts a millisecond at least.
            LockSupport.parkNanos(pause.toNanos());
            if (Thread.interrupted()) {
                throw new IllegalStateException("interrupted", new InterruptedException());
            }
        }
    }
}
