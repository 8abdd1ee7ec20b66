package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.Pace.Figures;
import dev.tokentally.it.Pace.Variant;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
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
@DisplayName("An outage of PostgreSQL")
class OutageBenchmark {

    private static final String NAME = "outage-pace";
    private static final int ROUNDS = 3;
    private static final int CALLS = Integer.getInteger("tokentally.benchmark.calls", 600);
    private static final int ROWS = Integer.getInteger("tokentally.benchmark.drained", 50_000);
    private static final Duration FOREVER = Duration.ofMinutes(1);

    @ArquillianResource
    private Deployer deployer;

    private final Postgres postgres = Postgres.started();
    private final Pace pace = new Pace(NAME);

    private final Map<Integer, Added> up = new LinkedHashMap<>();
    private final Map<Integer, Added> open = new LinkedHashMap<>();
    private final Rounds drain = Rounds.rates("rows");
    private final Rounds batches = Rounds.rates("rows");
    private final Rounds batchesWithoutTriggers = Rounds.rates("rows");
    private final Rounds copy = Rounds.rates("rows");
    private final Rounds inserts = Rounds.rates("rows");

    @Deployment(name = NAME, managed = false, testable = false)
    static Archive<?> application() {
        Postgres.started();
        return Pace.application(NAME, DataSources.POSTGRES, "sync");
    }

    @Test
    @DisplayName("what calls cost meanwhile, and how soon the waiting records are stored")
    void outage() throws Exception {
        deployer.deploy(NAME);
        try {
            pace.run(Variant.RECORDED, 2, 15_000, Duration.ZERO, Duration.ofSeconds(4), true);
            pace.everyCallHasItsRow();
            for (int round = 0; round <= ROUNDS; round++) {
                measure(round > 0);
            }
        } finally {
            postgres.start();
            deployer.undeploy(NAME);
        }
        report();
    }

    /** The first round warms up and does not count. */
    private void measure(boolean counts) throws InterruptedException, SQLException, IOException {
        if (counts) {
            for (int threads : List.of(1, 8)) {
                up.computeIfAbsent(threads, each -> new Added()).add(calls(threads));
            }
            Figures closedLoop = pace.run(Variant.RECORDED, 8, ROWS, Duration.ZERO, Duration.ofSeconds(3), true);
            inserts.add(closedLoop.calls() / closedLoop.took() * 1e9);
        }
        pace.everyCallHasItsRow();

        int rows = counts ? ROWS : ROWS / 5;
        RawRows raw = new RawRows(postgres, "raw rows");
        add(counts, batches, rows, raw.inBatches(rows));
        postgres.execute("truncate llm_calls");
        postgres.execute("alter table llm_calls disable trigger user");
        add(counts, batchesWithoutTriggers, rows, raw.inBatches(rows));
        postgres.execute("alter table llm_calls enable trigger user");
        postgres.execute("truncate llm_calls");
        add(counts, copy, rows, raw.byCopy(rows));
        postgres.execute("truncate llm_calls");

        postgres.stop();
        while (!pace.circuitIsOpen()) {
            pace.run(Variant.RECORDED, 2, 1, Duration.ZERO, FOREVER, false);
        }
        for (int threads : List.of(1, 8)) {
            Figures figures = calls(threads);
            if (counts) {
                open.computeIfAbsent(threads, each -> new Added()).add(figures);
            }
        }
        pace.run(Variant.RECORDED, 2, rows / 2, Duration.ZERO, FOREVER, false);
        assertThat(pace.circuitIsOpen()).isTrue();
        postgres.start();
        pace.awaitStored();
        if (counts) {
            drain.add(drainedEachSecond());
        }
        pace.everyCallHasItsRow();
    }

    private Figures calls(int threads) {
        return pace.run(Variant.RECORDED, threads, threads == 1 ? CALLS : CALLS / 4, Pace.CALL, FOREVER, false);
    }

    private static void add(boolean counts, Rounds rounds, int rows, long nanos) {
        if (counts) {
            rounds.add(rows / (nanos / 1e9));
        }
    }

    /**
     * By the clock of the database, from the beginning of the first transaction to that of the last one, whose rows do not
     * count.
     */
    private double drainedEachSecond() {
        Map<String, Object> drained = postgres.query("""
                        select count(*) as rows, extract(epoch from last - first)::double precision as seconds
                          from llm_calls,
                               (select min(created_at) as first, max(created_at) as last from llm_calls) ends
                         where created_at < last
                         group by first, last""").get(0);
        return ((Number) drained.get("rows")).doubleValue() / ((Number) drained.get("seconds")).doubleValue();
    }

    private void report() {
        BenchmarkTable outage = new BenchmarkTable("40-outage");
        up.forEach((threads, before) -> {
            Added meanwhile = open.get(threads);
            String what = "sync, " + (threads == 1 ? "1 thread" : threads + " threads") + ", store down: ";
            outage.add(
                    what + "p50 added",
                    "PostgreSQL",
                    meanwhile.p50,
                    "store up: " + before.p50,
                    meanwhile.p50.ratioTo(before.p50));
            outage.add(
                    what + "p99 added",
                    "PostgreSQL",
                    meanwhile.p99,
                    "store up: " + before.p99,
                    meanwhile.p99.ratioTo(before.p99));
        });
        outage.write();
        BenchmarkTable drained = new BenchmarkTable("30-drain");
        double ofBatches = drain.ratioTo(batches);
        double ofInserts = drain.ratioTo(inserts);
        drained.add(
                "drain", "PostgreSQL", drain, "raw batches of 500: " + batches, ofBatches, "≥ 0.8", ofBatches >= 0.8);
        double ofPlainBatches = drain.ratioTo(batchesWithoutTriggers);
        drained.add(
                "drain",
                "PostgreSQL",
                drain,
                "the same batches without the triggers of the rollups: " + batchesWithoutTriggers,
                ofPlainBatches,
                "≥ 0.7",
                ofPlainBatches >= 0.7);
        drained.add("drain", "PostgreSQL", drain, "COPY of 500: " + copy, drain.ratioTo(copy));
        drained.add(
                "drain", "PostgreSQL", drain, "sync calls of 8 threads: " + inserts, ofInserts, "≥ 8", ofInserts >= 8);
        drained.write();
    }

    private static final class Added {
        private final Rounds p50 = Rounds.nanos();
        private final Rounds p99 = Rounds.nanos();

        void add(Figures figures) {
            p50.add(figures.p50());
            p99.add(figures.p99());
        }
    }
}
