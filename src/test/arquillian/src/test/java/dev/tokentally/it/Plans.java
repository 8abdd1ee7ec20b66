package dev.tokentally.it;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The plans that PostgreSQL's own auto_explain gives for the statements of an application. */
final class Plans {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String PLAN = "plan:\n";

    private final Postgres postgres;

    private Plans(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Restarts the database with the settings for this. It does not explain any statement yet. */
    static Plans of(Postgres postgres) {
        for (String setting : List.of(
                "shared_preload_libraries = 'auto_explain'",
                "logging_collector = on",
                "log_destination = 'jsonlog'",
                "log_directory = 'plans'",
                "log_filename = 'plans.log'",
                "log_rotation_size = 0",
                "auto_explain.log_analyze = on",
                "auto_explain.log_buffers = on",
                "auto_explain.log_timing = on")) {
            postgres.execute("alter system set " + setting);
        }
        postgres.restart();
        return new Plans(postgres);
    }

    /** The plan of the last statement that reads calls while the action runs, without the planner's estimates. */
    String during(Runnable action) throws IOException, InterruptedException {
        int before = entries().size();
        explainFrom("0");
        try {
            action.run();
        } finally {
            explainFrom("-1");
        }
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String plan = "";
        while (plan.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(100);
            plan = entries().stream()
                    .skip(before)
                    .filter(entry -> entry.contains(PLAN) && entry.contains("llm_calls") && !entry.contains("1 = 0"))
                    .reduce("", (first, last) -> last);
        }
        // The first node of the plan comes after the text of the statement. The text may be long, as a series has many
        // edges of buckets.
        return plan.replaceFirst("(?s).*?\n(?=\\S[^\n]*\\(cost=)", "")
                .replaceAll("  \\(cost=[^)]*\\) ", " ")
                .replaceAll("'\\{[^}]*}'", "'{...}'");
    }

    private void explainFrom(String milliseconds) throws InterruptedException {
        postgres.execute("alter system set auto_explain.log_min_duration = " + milliseconds);
        postgres.execute("select pg_reload_conf()");
        // Until the postmaster has informed the connections of the pool.
        Thread.sleep(500);
    }

    private List<String> entries() throws IOException {
        Path file = postgres.data().resolve("plans").resolve("plans.json");
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(line -> ((JsonObject) Corpus.json(line)).getString("message", ""))
                    .toList();
        }
    }
}
