package dev.tokentally.recording;

import dev.tokentally.recording.spool.Spool;
import dev.tokentally.usage.UsageRepository;
import java.time.Clock;
import java.time.Duration;

/** Drainers outside of a recorder. */
final class Drainers {

    private Drainers() {}

    static Drainer of(Spool spool, UsageRepository repository, StoreThreads threads, Duration answer) {
        System.Logger log = System.getLogger(Drainers.class.getName());
        return new Drainer(
                spool,
                repository,
                new Circuit(spool.directory(), Clock.systemUTC(), System::nanoTime),
                threads,
                Clock.systemUTC(),
                new Drainer.Times(Duration.ofSeconds(1), answer),
                new Summary(log, "records were lost", System::nanoTime),
                new Summary(log, "calls were made outside a scope", System::nanoTime));
    }
}
