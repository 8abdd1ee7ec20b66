package dev.tokentally.it;

import dev.tokentally.it.Pace.Figures;
import dev.tokentally.it.Pace.Variant;
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
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A measurement that is not part of the build; docs/performance.md says how to run it. It asserts that each call has its
 * row, and only reports times.
 */
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@EnabledIfSystemProperty(named = "server", matches = "payara-micro", disabledReason = "one server shows it")
@DisplayName("What the triggers of the rollups add to a call")
class TriggersBenchmark {

    private static final int ROUNDS = 5;
    private static final int CALLS = Integer.getInteger("tokentally.benchmark.calls", 1200);
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final int WARM_UP_CALLS = 15_000;
    private static final double GOAL = 1.1;

    @ArquillianResource
    private Deployer deployer;

    private final Postgres postgres = Postgres.started();

    @Deployment(name = "triggers-sync", managed = false, testable = false)
    static Archive<?> syncApplication() {
        Postgres.started();
        return Pace.application("triggers-sync", DataSources.POSTGRES, "sync");
    }

    @Deployment(name = "triggers-behind", managed = false, testable = false)
    static Archive<?> writeBehindApplication() {
        Postgres.started();
        return Pace.application("triggers-behind", DataSources.POSTGRES, "write-behind");
    }

    @Test
    @DisplayName("in sync mode")
    void sync() throws InterruptedException {
        measure("triggers-sync", "sync");
    }

    @Test
    @DisplayName("in write-behind mode")
    void behind() throws InterruptedException {
        measure("triggers-behind", "write-behind");
    }

    private void measure(String name, String mode) throws InterruptedException {
        BenchmarkTable table = new BenchmarkTable("12-" + name);
        deployer.deploy(name);
        try {
            Pace pace = new Pace(name);
            pace.run(Variant.RECORDED, 2, WARM_UP_CALLS, Duration.ZERO, WARM_UP, true);
            pace.everyCallHasItsRow();
            postgres.await(4, """
                    select 1 from pg_trigger join pg_class on pg_class.oid = tgrelid
                     where tgrelid = to_regclass('llm_calls') and relkind = 'p' and tgname like 'tokentally\\_marks\\_%'""");
            Map<Integer, Rounds> with = new LinkedHashMap<>();
            Map<Integer, Rounds> without = new LinkedHashMap<>();
            for (int round = 0; round <= ROUNDS; round++) {
                for (Map<Integer, Rounds> times : round % 2 == 0 ? List.of(with, without) : List.of(without, with)) {
                    setTriggers(times == with);
                    for (int threads : List.of(1, 8)) {
                        Figures figures =
                                pace.run(Variant.RECORDED, threads, threads == 1 ? CALLS : CALLS / 4, Pace.CALL);
                        // The first round warms up.
                        if (round > 0) {
                            times.computeIfAbsent(threads, each -> Rounds.nanos())
                                    .add(figures.p50());
                        }
                    }
                    pace.everyCallHasItsRow();
                }
            }
            with.forEach((threads, times) -> {
                double ratio = times.ratioTo(without.get(threads));
                table.add(
                        mode + ", " + (threads == 1 ? "1 thread" : threads + " threads") + ", rollups: p50 added",
                        "PostgreSQL",
                        times,
                        "without their triggers: " + without.get(threads) + " ("
                                + without.get(threads).spread() + ")",
                        ratio,
                        "≤ " + GOAL,
                        ratio <= GOAL);
            });
        } finally {
            setTriggers(true);
            deployer.undeploy(name);
        }
        table.write();
    }

    private void setTriggers(boolean on) {
        postgres.execute("alter table llm_calls " + (on ? "enable" : "disable") + " trigger user");
    }
}
