package dev.tokentally.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A measurement that is not part of the build. docs/performance.md says how to run it, and has the tables that it wrote to
 * target/benchmark. It asserts what is true on any machine, and only reports times and memory.
 */
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The export of two million rows in PostgreSQL, over HTTP")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class ExportBenchmark {

    private static final long ROWS = Long.getLong("tokentally.benchmark.rows", 2_000_000);

    private static final int COLUMNS = 18;

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        return Reports.productOn(DataSources.POSTGRES, Stream.of(), Map.of());
    }

    @BeforeAll
    static void fill() throws IOException {
        ManyCalls.replaceAll(Postgres.started(), ROWS);
        OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
        // The load shows how busy the machine was with other work.
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
    @DisplayName("writes all calls as CSV, and how much memory the server needs for it")
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
        // This is a fraction of the answer, whatever the length of the answer is.
        assertThat(live.value - liveBefore).isLessThan(64L << 20);
    }

    private static Export export(LongConsumer afterEach) throws IOException {
        HttpResponse<InputStream> answer = Asked.send(Asked.ADMIN, "/usage/all/calls", "text/csv");
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
