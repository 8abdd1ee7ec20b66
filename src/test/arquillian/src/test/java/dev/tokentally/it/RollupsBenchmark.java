package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A measurement that is not part of the build: reports and series from rollups, in turns with the same from the calls. It also
 * measures how long the rollups take and how much room they need. {@code -Dtokentally.benchmark.rows} replaces the ten million.
 * With {@code -Dtokentally.benchmark.data=FOLDER} the calls and rollups stay there, and the next run begins with the reports. With
 * {@code -Dtokentally.benchmark.calls=false} only reports from rollups are measured, which takes minutes instead of a quarter of an
 * hour.
 */
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@EnabledIfSystemProperty(named = "server", matches = "payara-micro", disabledReason = "one server shows it")
@DisplayName("Reports from rollups of many rows in PostgreSQL, over HTTP")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class RollupsBenchmark {

    private static final long ROWS_OF_GOALS = 10_000_000;
    private static final boolean ALSO_CALLS = !"false".equals(System.getProperty("tokentally.benchmark.calls"));
    private static final long ROWS = Long.getLong("tokentally.benchmark.rows", ROWS_OF_GOALS);

    /** No node makes rollups then. */
    private static final String KEEP_ROLLUPS = "select pg_advisory_lock(" + Postgres.ROLLUPS_LOCK + ")";

    /** Reports read the calls then. */
    private static final String HIDE_ROLLUPS = "update tokentally_rollup_state set closed = -2147483648 where id = 1";

    /** All of them are made. */
    private static final String SHOW_ROLLUPS = "update tokentally_rollup_state set closed = closing where id = 1";

    /** The JVM compiles what reads rollups meanwhile. */
    private static final int WARM_UPS = 6;

    private static final int ROUNDS = 5;

    private final BenchmarkTable table = new BenchmarkTable("45-rollups");

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        return Reports.productOn(
                DataSources.POSTGRES,
                Stream.of(ManyCalls.TYPICAL_TENANT, ManyCalls.LARGEST_TENANT),
                Map.of("tokentally.reports.max-time", "600s"));
    }

    @AfterAll
    static void empty() {
        if (Postgres.KEPT_DATA.isEmpty()) {
            Postgres.started().execute("truncate llm_calls");
        }
    }

    @Test
    @DisplayName("every report and series, for a typical and the largest tenant and for all")
    void reports() throws Exception {
        Postgres postgres = Postgres.started();
        awaitTables();
        if (!areThere(postgres)) {
            ManyCalls.replaceAll(postgres, ROWS);
        }
        long start = System.nanoTime();
        awaitRollups();
        Rounds making = Rounds.nanos();
        making.add(System.nanoTime() - start);
        postgres.execute("vacuum analyze tokentally_rollups, tokentally_rollup_ids");
        table.add(
                "the rollups of all calls are made",
                where(),
                making,
                "of the calls and their indexes: " + bytes(postgres, "llm_calls") + "; of the rollups: "
                        + bytes(postgres, "tokentally_rollups") + "; of the call ids: "
                        + bytes(postgres, "tokentally_rollup_ids"),
                null);

        try (Connection keeper = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = keeper.createStatement()) {
            statement.execute(KEEP_ROLLUPS);
            Map<Question, Long> goals = new LinkedHashMap<>();
            Question.of(ManyCalls.TYPICAL_TENANT).forEach(question -> goals.put(question, 50L));
            Question.of(ManyCalls.LARGEST_TENANT).forEach(question -> goals.put(question, 150L));
            Question.ofAll().forEach(question -> goals.put(question, 400L));
            goals.forEach((question, goal) -> measure(question, question.in30Days(), "30 days", goal));
            for (Question question : Question.ofAll().subList(0, 3)) {
                measure(question, question.path(), "all", 800);
            }
        }
        table.write();
    }

    @Test
    @DisplayName("a call, and a batch of 500, are stored with the triggers of the rollups and without")
    void inserts() throws Exception {
        BenchmarkTable inserts = new BenchmarkTable("46-rollups-inserts");
        Postgres postgres = Postgres.started();
        awaitRollups();
        for (int calls : new int[] {1, 500}) {
            Rounds with = Rounds.nanos();
            Rounds without = Rounds.nanos();
            for (int round = -1; round < ROUNDS; round++) {
                for (Rounds times : List.of(with, without)) {
                    postgres.execute(
                            "alter table llm_calls " + (times == with ? "enable" : "disable") + " trigger user");
                    double median = medianOfInserts(calls);
                    if (round >= 0) {
                        times.add(median);
                    }
                }
            }
            postgres.execute("alter table llm_calls enable trigger user");
            inserts.add(
                    String.format(Locale.ROOT, "%d in one statement and a commit, p50", calls),
                    "plain JDBC, PostgreSQL",
                    with,
                    "without the triggers: " + without,
                    with.ratioTo(without));
        }
        inserts.write();
    }

    private static double medianOfInserts(int calls) throws SQLException {
        Rounds times = Rounds.nanos();
        try (Connection connection =
                        DriverManager.getConnection(Postgres.started().jdbcUrl());
                PreparedStatement insert = connection.prepareStatement("""
                        insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,
                            input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
                            cost_source, status)
                        select gen_random_uuid(), gen_random_uuid(), 'tenant-' || n % 50, 'chat', now(), 70, 'openai', 'gpt-4o', 7, 7,
                               0, 0, 0, 0.7, 'price-list', 'ok' from generate_series(1, ?) n""")) {
            for (int i = 0; i < 200_000 / (100 + calls); i++) {
                insert.setInt(1, calls);
                long start = System.nanoTime();
                insert.executeUpdate();
                times.add(System.nanoTime() - start);
            }
        }
        return times.median();
    }

    private void measure(Question question, String path, String window, long goalMillis) {
        if (!ALSO_CALLS && !question.isReport()) {
            // A series reads the calls.
            return;
        }
        Rounds fromRollups = Rounds.nanos();
        Rounds fromCalls = Rounds.nanos();
        int callsRounds = !ALSO_CALLS ? 0 : question.tenant().equals(Asked.ADMIN) ? 1 : ROUNDS;
        for (int round = -WARM_UPS; round < ROUNDS; round++) {
            long start = System.nanoTime();
            String answer = Asked.answer(question.tenant(), path);
            long took = System.nanoTime() - start;
            if (round >= 0) {
                fromRollups.add(took);
            }
            if (round >= 0 && round < callsRounds) {
                Postgres.started().execute(HIDE_ROLLUPS);
                start = System.nanoTime();
                assertThat(Asked.answer(question.tenant(), path)).isEqualTo(answer);
                fromCalls.add(System.nanoTime() - start);
                Postgres.started().execute(SHOW_ROLLUPS);
            }
        }
        String measured = question.name() + ", " + window;
        if (!ALSO_CALLS) {
            table.add(measured, where(), fromRollups, "", null);
            return;
        }
        String beside = "from the calls: " + fromCalls;
        double ratio = fromRollups.ratioTo(fromCalls);
        if (question.isReport() && ROWS == ROWS_OF_GOALS) {
            table.add(
                    measured,
                    where(),
                    fromRollups,
                    beside,
                    ratio,
                    "≤ " + goalMillis + " ms",
                    fromRollups.median() <= goalMillis * 1e6);
        } else {
            table.add(measured, where(), fromRollups, beside, ratio);
        }
    }

    private static boolean areThere(Postgres postgres) {
        return postgres.query("select count(*) as calls from llm_calls")
                .get(0)
                .get("calls")
                .equals(ROWS);
    }

    /** The table is partitioned while it is empty, and has its triggers, so that nothing else runs later. */
    private static void awaitTables() throws InterruptedException {
        await(recording -> recording.getString("store").equals("up")
                && !recording.isNull("partitions")
                && recording.getJsonObject("partitions").getString("state").equals("partitioned")
                && !recording.isNull("rollups")
                && !Postgres.started()
                        .query("select 1 from pg_trigger where tgname = 'tokentally_marks_insert'"
                                + " and tgrelid = to_regclass('llm_calls')")
                        .isEmpty());
    }

    private static void awaitRollups() throws InterruptedException {
        await(recording -> {
            // Null if the store is too busy to tell in time.
            if (recording.isNull("rollups")) {
                return false;
            }
            JsonObject rollups = recording.getJsonObject("rollups");
            return rollups.getInt("behind_seconds") == 0 && rollups.getInt("dirty") == 0;
        });
    }

    private static void await(Predicate<JsonObject> condition) throws InterruptedException {
        while (!condition.test(
                Corpus.json(Asked.answer(Asked.ADMIN, "/recording")).asJsonObject())) {
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    private static String bytes(Postgres postgres, String table) {
        return postgres.query("""
                        select pg_size_pretty(sum(pg_total_relation_size(oid))) as size from pg_class
                         where oid = to_regclass('%1$s') or oid in (select relid from pg_partition_tree(to_regclass('%1$s')))""".formatted(table)).stream()
                .map(row -> String.valueOf(row.get("size")))
                .collect(Collectors.joining());
    }

    private static String where() {
        return String.format(Locale.ROOT, "%,d calls in PostgreSQL", ROWS);
    }
}
