package dev.tokentally.recording;

import dev.tokentally.recording.spool.Spool;
import dev.tokentally.text.Summary;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.UsageRepository;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;

/** Drainers outside of a recorder. */
final class Drainers {

    private Drainers() {}

    static Drainer of(Spool spool, UsageRepository repository, StoreThreads threads, Duration answer) {
        return of(spool, repository, threads, answer, Ticker.SYSTEM);
    }

    static Drainer of(Spool spool, UsageRepository repository, StoreThreads threads, Duration answer, Ticker ticker) {
        return of(spool, repository, threads, answer, ticker, circuit(spool, ticker));
    }

    static Circuit circuit(Spool spool, Ticker ticker) {
        return new Circuit(spool.directory(), Clock.systemUTC(), ticker);
    }

    static Drainer of(
            Spool spool,
            UsageRepository repository,
            StoreThreads threads,
            Duration answer,
            Ticker ticker,
            Circuit circuit) {
        System.Logger log = System.getLogger(Drainers.class.getName());
        StoreLink store = new StoreLink(
                spool,
                repository,
                circuit,
                threads,
                Clock.systemUTC(),
                ticker,
                new StoreLink.Times(Duration.ofSeconds(1), answer));
        return new Drainer(
                spool,
                store,
                Clock.systemUTC(),
                ticker,
                new Summary(log, "records were lost", Level.ERROR, ticker::nanoTime),
                new Summary(log, "calls were made outside a scope", Level.ERROR, ticker::nanoTime));
    }
}
