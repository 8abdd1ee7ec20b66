package dev.tokentally.it;

import dev.tokentally.it.Pace.Figures;
import dev.tokentally.it.Pace.Variant;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A measurement that is not part of the build; docs/performance.md says how to run it. It asserts that each call has its
 * row, and only reports times.
 */
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("What the decorator adds to a call on the server")
class CallPathBenchmark {

    private static final int ROUNDS = 5;
    private static final int CALLS = Integer.getInteger("tokentally.benchmark.calls", 1200);
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final int WARM_UP_CALLS = 15_000;

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = "sync-h2", managed = false, testable = false)
    static Archive<?> syncOnH2() {
        return Pace.application("sync-h2", DataSources.H2FILE, "sync");
    }

    @Deployment(name = "behind-h2", managed = false, testable = false)
    static Archive<?> writeBehindOnH2() {
        return Pace.application("behind-h2", DataSources.H2FILE, "write-behind");
    }

    @Deployment(name = "sync-postgres", managed = false, testable = false)
    static Archive<?> syncOnPostgres() {
        Postgres.started();
        return Pace.application("sync-postgres", DataSources.POSTGRES, "sync");
    }

    @Deployment(name = "behind-postgres", managed = false, testable = false)
    static Archive<?> writeBehindOnPostgres() {
        Postgres.started();
        return Pace.application("behind-postgres", DataSources.POSTGRES, "write-behind");
    }

    @Test
    @DisplayName("that writes to an H2 file")
    void h2Sync() throws InterruptedException {
        measure("sync-h2", "sync", "H2");
    }

    @Test
    @DisplayName("with write-behind to an H2 file")
    void h2Behind() throws InterruptedException {
        measure("behind-h2", "write-behind", "H2");
    }

    @Test
    @DisplayName("that writes to PostgreSQL")
    void postgresSync() throws InterruptedException {
        measure("sync-postgres", "sync", "PostgreSQL");
    }

    @Test
    @DisplayName("with write-behind to PostgreSQL")
    void postgresBehind() throws InterruptedException {
        measure("behind-postgres", "write-behind", "PostgreSQL");
    }

    private void measure(String name, String mode, String database) throws InterruptedException {
        BenchmarkTable table = new BenchmarkTable("10-call-path-" + name);
        deployer.deploy(name);
        try {
            Pace pace = new Pace(name);
            for (Variant variant : Variant.values()) {
                pace.run(variant, 2, WARM_UP_CALLS, Duration.ZERO, WARM_UP, true);
            }
            boolean sync = mode.equals("sync");
            report(table, mode + ", 1 thread: ", database, 1, sync, rounds(pace, 1, CALLS, Pace.CALL));
            report(table, mode + ", 8 threads: ", database, 8, sync, rounds(pace, 8, CALLS / 4, Pace.CALL));
            if (!sync) {
                Map<Variant, Added> inARow = rounds(pace, 1, CALLS * 5 / 2, Duration.ZERO);
                report(table, mode + ", 1 thread, one call after the other: ", database, 1, false, inARow);
            }
            pace.everyCallHasItsRow();
        } finally {
            deployer.undeploy(name);
        }
        table.write();
    }

    private static Map<Variant, Added> rounds(Pace pace, int threads, int calls, Duration wait) {
        Map<Variant, Added> added = new EnumMap<>(Variant.class);
        for (int round = 0; round <= ROUNDS; round++) {
            for (Variant variant : Variant.values()) {
                Figures figures = pace.run(variant, threads, calls, wait);
                if (round > 0) {
                    added.computeIfAbsent(variant, each -> new Added()).add(figures);
                }
            }
        }
        return added;
    }

    private static void report(
            BenchmarkTable table, String what, String database, int threads, boolean sync, Map<Variant, Added> added) {
        Added ours = added.get(Variant.RECORDED);
        Added raw = added.get(Variant.RAW);
        Added noise = added.get(Variant.UNRECORDED);
        boolean hasGoal = sync && database.equals("PostgreSQL");
        if (sync) {
            double p50 = ours.p50.ratioTo(raw.p50);
            if (hasGoal && threads == 1) {
                table.add(what + "p50 added", database, ours.p50, beside(raw.p50), p50, "≤ 2", p50 <= 2);
            } else {
                table.add(what + "p50 added", database, ours.p50, beside(raw.p50), p50);
            }
            table.add(what + "p99 added", database, ours.p99, beside(raw.p99), ours.p99.ratioTo(raw.p99));
        } else {
            against(table, what + "p50 added", database, ours.p50, noise.p50, raw.p50, 3);
            against(table, what + "p99 added", database, ours.p99, noise.p99, raw.p99, 10);
        }
        Rounds cpu = Rounds.difference(ours.processCpu, noise.processCpu);
        Rounds rawCpu = Rounds.difference(raw.processCpu, noise.processCpu);
        double ratio = cpu.ratioTo(rawCpu);
        if (hasGoal) {
            table.add(
                    what + "CPU of the server's process added",
                    database,
                    cpu,
                    beside(rawCpu),
                    ratio,
                    "≤ 3",
                    ratio <= 3);
        } else {
            table.add(what + "CPU of the server's process added", database, cpu, beside(rawCpu), ratio);
        }
        Rounds threadCpu = Rounds.difference(ours.threadCpu, noise.threadCpu);
        Rounds rawThreadCpu = Rounds.difference(raw.threadCpu, noise.threadCpu);
        table.add(
                what + "CPU of the calling thread added",
                database,
                threadCpu,
                beside(rawThreadCpu),
                threadCpu.ratioTo(rawThreadCpu));
    }

    private static void against(
            BenchmarkTable table, String what, String database, Rounds ours, Rounds noise, Rounds raw, double micros) {
        Rounds above = Rounds.difference(ours, noise);
        table.add(
                what,
                database,
                above,
                "above the noise of " + noise + "; " + beside(raw),
                above.ratioTo(raw),
                String.format(Locale.ROOT, "≤ %.0f µs", micros),
                above.median() <= micros * 1_000);
    }

    private static String beside(Rounds raw) {
        return "begin, insert, commit: " + raw;
    }

    /** The measurements of each round of a variant. */
    private static final class Added {
        private final Rounds p50 = Rounds.nanos();
        private final Rounds p99 = Rounds.nanos();
        private final Rounds threadCpu = Rounds.nanos();
        private final Rounds processCpu = Rounds.nanos();

        void add(Figures figures) {
            p50.add(figures.p50());
            p99.add(figures.p99());
            threadCpu.add(figures.threadCpu());
            processCpu.add(figures.processCpu());
        }
    }
}
