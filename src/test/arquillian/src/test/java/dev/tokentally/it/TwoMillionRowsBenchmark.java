package dev.tokentally.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import jakarta.json.JsonObject;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A measurement and no part of the build: docs/performance.md says how it is run and holds what it wrote to
 * target/benchmark. It asserts what is true on any machine; times and memory are reported only.
 */
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The product with two million rows in PostgreSQL, over HTTP")
class TwoMillionRowsBenchmark {

    private static final long ROWS = Long.getLong("tokentally.benchmark.rows", 2_000_000);

    private static final String ADMIN = "the admin";
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int ROUNDS = 3;

    private static final int COLUMNS = 18;
    private static final Duration LONG = Duration.ofSeconds(5);

    private static final Map<String, String> WINDOWS = Map.of(
            "30 days", "from=" + ManyCalls.LAST_30_DAYS + "&to=" + ManyCalls.END, "all time", "to=" + ManyCalls.END);

    /** As curl and most clients do: Payara ends an HTTP/2 connection on which nothing was sent for 30 s. */
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static Plans plans;

    @Deployment(testable = false)
    static Archive<?> product() {
        plans = Plans.of(Postgres.started());
        return Reports.productOn(
                DataSources.POSTGRES,
                Stream.of(ManyCalls.TYPICAL_TENANT, ManyCalls.LARGEST_TENANT),
                Map.of("tokentally.reports.max-time", "600s"));
    }

    @BeforeAll
    static void fill() throws IOException {
        ManyCalls.replaceAll(Postgres.started(), ROWS);
        OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
        // The load tells how much of the machine others had meanwhile.
        write(
                "machine",
                List.of(
                        "started: " + Instant.now(),
                        "processors: " + machine.getAvailableProcessors() + ", load average: "
                                + machine.getSystemLoadAverage(),
                        "java: " + System.getProperty("java.vm.version") + ", server's heap: "
                                + Settings.text("servers.heap"),
                        Postgres.started()
                                .query("select version()")
                                .get(0)
                                .get("version")
                                .toString()));
    }

    @AfterAll
    static void empty() {
        Postgres.started().execute("truncate llm_calls");
    }

    @Test
    @DisplayName("every report over 30 days and all time, for a typical and the largest tenant and for all")
    void reports() throws IOException {
        List<String> table = new ArrayList<>(List.of("| report | 30 days | all time |", "| --- | ---: | ---: |"));
        for (Question question : questions().toList()) {
            table.add("| " + question.name() + " | "
                    + Stream.of("30 days", "all time")
                            .map(window -> took(question.tenant(), question.in(window)))
                            .collect(Collectors.joining(" | "))
                    + " |");
            write("reports", table);
        }
        table.forEach(System.out::println);

        JsonObject byTenant = Corpus.json(answer(ADMIN, "/usage/all/by-tenant?to=" + ManyCalls.END))
                .asJsonObject();
        assertThat(calls(byTenant.getJsonObject("total"))).isEqualTo(ROWS);
        assertThat(byTenant.getJsonArray("tenants").getValuesAs(JsonObject.class).stream()
                        .mapToLong(TwoMillionRowsBenchmark::calls))
                .hasSize(50)
                .satisfies(counts -> assertThat(
                                counts.stream().mapToLong(Long::longValue).sum())
                        .isEqualTo(ROWS));
    }

    private static long calls(JsonObject block) {
        return block.getJsonObject("llm_call_stats").getInt("total_calls");
    }

    @Test
    @DisplayName("the export of all calls as CSV, and the server's memory meanwhile")
    void export() throws Exception {
        ServerProcess server = new ServerProcess(TestServer.current().process().orElseThrow());
        long liveBefore = server.liveHeap();
        long residentBefore = server.residentMemory();
        Highest used = new Highest();
        Highest live = new Highest();
        AtomicBoolean done = new AtomicBoolean();
        Thread sampler = new Thread(() -> sample(server, used, done), "samples the server's heap");
        sampler.start();
        long start = System.nanoTime();
        Export export = export(rows -> {
            if (rows % (ROWS / 5) == 0) {
                live.see(measured(server::liveHeap));
            }
        });
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        done.set(true);
        sampler.join();

        write(
                "export",
                List.of(
                        "| rows | bytes | time | heap before, live | heap at most, with garbage | heap at most, live"
                                + " | resident before | resident at most |",
                        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
                        Stream.of(
                                        export.rows(),
                                        export.bytes(),
                                        seconds(took),
                                        mebibytes(liveBefore),
                                        mebibytes(used.value),
                                        mebibytes(live.value),
                                        mebibytes(residentBefore),
                                        mebibytes(server.peakResidentMemory()))
                                .map(Object::toString)
                                .collect(Collectors.joining(" | ", "| ", " |"))));
        assertThat(export.rows()).isEqualTo(ROWS);
        // A fraction of what was sent, whatever its length.
        assertThat(live.value - liveBefore).isLessThan(64L << 20);
    }

    @Test
    @DisplayName("the plans of PostgreSQL for what the reports really send")
    void plans() throws IOException, InterruptedException {
        List<String> text = new ArrayList<>();
        for (Question question : questions().toList()) {
            String plan = plans.during(() -> answer(question.tenant(), question.in("30 days")));
            assertThat(plan).as(question.name()).contains("llm_calls");
            text.addAll(List.of("", question.name() + ", 30 days", "", "```", plan.stripTrailing(), "```"));
        }
        write("plans", text);
    }

    private static Stream<Question> questions() {
        List<Question> questions = new ArrayList<>();
        for (String tenant : List.of(ManyCalls.TYPICAL_TENANT, ManyCalls.LARGEST_TENANT)) {
            String whose = tenant.equals(ManyCalls.TYPICAL_TENANT) ? "typical tenant: " : "largest tenant: ";
            questions.add(new Question(whose + "/usage", tenant, "/usage?"));
            questions.add(new Question(whose + "/usage/by-model", tenant, "/usage/by-model?"));
            questions.add(new Question(
                    whose + "/usage/series by day and operation",
                    tenant,
                    "/usage/series?bucket=day&zone=Europe/Amsterdam&group=operation&"));
            questions.add(new Question(
                    whose + "/usage/series by hour and model",
                    tenant,
                    "/usage/series?bucket=hour&zone=Europe/Amsterdam&group=model&"));
            questions.add(new Question(whose + "/usage/calls, first page of 100", tenant, "/usage/calls?limit=100&"));
            questions.add(new Question(
                    whose + "/usage/calls, a page in the middle",
                    tenant,
                    "/usage/calls?limit=100&cursor=" + cursor(tenant, "/usage/calls") + "&"));
        }
        for (String report : List.of("by-tenant", "by-operation", "by-model")) {
            questions.add(new Question("/usage/all/" + report, ADMIN, "/usage/all/" + report + "?"));
        }
        questions.add(new Question(
                "/usage/all/series by day and tenant",
                ADMIN,
                "/usage/all/series?bucket=day&zone=Europe/Amsterdam&group=tenant&"));
        questions.add(new Question(
                "/usage/all/series by hour and operation",
                ADMIN,
                "/usage/all/series?bucket=hour&zone=Europe/Amsterdam&group=operation&"));
        questions.add(new Question("/usage/all/calls, first page of 100", ADMIN, "/usage/all/calls?limit=100&"));
        questions.add(new Question(
                "/usage/all/calls, a page in the middle",
                ADMIN,
                "/usage/all/calls?limit=100&cursor=" + cursor(ADMIN, "/usage/all/calls") + "&"));
        return questions.stream();
    }

    /** In the middle of the last 30 days. */
    private static String cursor(String tenant, String path) {
        return Corpus.json(answer(tenant, path + "?limit=1&to=2026-03-17T00:00:00Z"))
                .asJsonObject()
                .getString("next_cursor");
    }

    private record Question(String name, String tenant, String path) {
        String in(String window) {
            return path + WINDOWS.get(window);
        }
    }

    /** The median, the fastest and the slowest, after one time that does not count. A long one is asked once. */
    private static String took(String tenant, String path) {
        Duration first = time(tenant, path);
        if (first.compareTo(LONG) > 0) {
            return seconds(first) + " (once)";
        }
        List<Duration> times = IntStream.range(0, ROUNDS)
                .mapToObj(round -> time(tenant, path))
                .sorted()
                .toList();
        return seconds(times.get(ROUNDS / 2)) + " (" + seconds(times.get(0)) + " to " + seconds(times.get(ROUNDS - 1))
                + ")";
    }

    private static Duration time(String tenant, String path) {
        long start = System.nanoTime();
        answer(tenant, path);
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static String answer(String tenant, String path) {
        HttpResponse<InputStream> answer = send(tenant, path, "application/json");
        try (InputStream body = answer.body()) {
            String text = new String(body.readAllBytes(), UTF_8);
            assertThat(answer.statusCode()).as(path + " " + text).isEqualTo(200);
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpResponse<InputStream> send(String tenant, String path, String type) {
        try {
            return CLIENT.send(
                    Reports.request(tenant, path)
                            .header("Accept", type)
                            .timeout(PATIENCE)
                            .build(),
                    BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Export export(LongConsumer afterEach) throws IOException {
        HttpResponse<InputStream> answer = send(ADMIN, "/usage/all/calls", "text/csv");
        assertThat(answer.statusCode()).isEqualTo(200);
        Counted body = new Counted(answer.body());
        long rows = 0;
        try (CsvReader<NamedCsvRecord> calls =
                CsvReader.builder().ofNamedCsvRecord(new InputStreamReader(body, UTF_8))) {
            for (NamedCsvRecord call : calls) {
                if (call.getFieldCount() != COLUMNS) {
                    throw new AssertionError(call);
                }
                rows++;
                afterEach.accept(rows);
            }
        }
        return new Export(rows, body.bytes);
    }

    private record Export(long rows, long bytes) {}

    private static void sample(ServerProcess server, Highest used, AtomicBoolean done) {
        while (!done.get()) {
            used.see(measured(server::usedHeap));
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static long measured(Measurement measurement) {
        try {
            return measurement.bytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private interface Measurement {
        long bytes() throws IOException, InterruptedException;
    }

    private static final class Highest {
        private long value;

        void see(long another) {
            value = Math.max(value, another);
        }
    }

    private static final class Counted extends FilterInputStream {
        private long bytes;

        Counted(InputStream wrapped) {
            super(wrapped);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            bytes += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            bytes += Math.max(read, 0);
            return read;
        }
    }

    private static String seconds(Duration time) {
        return time.compareTo(Duration.ofSeconds(1)) < 0
                ? time.toMillis() + " ms"
                : String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }

    private static void write(String name, List<String> lines) throws IOException {
        Path directory = Files.createDirectories(Settings.serversDirectory().resolveSibling("benchmark"));
        Files.write(directory.resolve(TestServer.current().id() + "-" + name + ".md"), lines);
    }
}
