package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * A measurement that is not part of the build; docs/performance.md says how to run it. It asserts that the application
 * starts with the module and without it, and only reports times and memory.
 */
@DisplayName("What the module adds to the start of a server with a customer's application")
class StartUpBenchmark {

    private static final int ROUNDS = 3;
    private static final long GOAL_NANOS = 1_000_000_000;
    private static final long GOAL_BYTES = 30_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String SHOP =
            "/shop/api/shop" + Http.query("source", DataSources.H2FILE.jndiName(TestServer.current()));

    /** The ways in which the application is started. */
    private enum Variant {
        WITHOUT("start-without"),
        /** The module makes its tables. */
        FIRST("start-with"),
        /** The tables exist already. */
        LATER("start-with");

        private final String node;

        Variant(String node) {
            this.node = node;
        }
    }

    @Test
    @DisplayName("in time and memory")
    void start() throws Exception {
        Map<Variant, Path> wars = new EnumMap<>(Variant.class);
        Map<Variant, Started> started = new EnumMap<>(Variant.class);
        for (Variant variant : Variant.values()) {
            wars.put(variant, war(variant));
            started.put(variant, new Started());
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (Variant variant : Variant.values()) {
                start(variant, wars.get(variant), started.get(variant));
            }
        }
        Started without = started.get(Variant.WITHOUT);
        BenchmarkTable table = new BenchmarkTable("50-start-up");
        report(table, "first start-up: ", started.get(Variant.FIRST), without);
        report(table, "later start-up: ", started.get(Variant.LATER), without);
        table.write();
    }

    private static void report(BenchmarkTable table, String what, Started with, Started without) {
        added(table, what + "time to the first answer added", with.time, without.time, "≤ 1 s", GOAL_NANOS);
        Rounds cpu = Rounds.difference(with.cpu, without.cpu);
        table.add(what + "CPU until then added", "H2", cpu, "without: " + without.cpu, null);
        added(table, what + "live heap added", with.live, without.live, "≤ 30 MB", GOAL_BYTES);
        added(table, what + "memory of the process added", with.resident, without.resident, "≤ 30 MB", GOAL_BYTES);
    }

    private static void added(
            BenchmarkTable table, String what, Rounds with, Rounds without, String goal, long atMost) {
        Rounds added = Rounds.difference(with, without);
        table.add(what, "H2", added, "without: " + without, null, goal, added.median() <= atMost);
    }

    private static Path war(Variant variant) throws IOException {
        Path folder = TestServer.current() == TestServer.WILDFLY
                ? WildFlyNode.deployments(variant.node)
                : Files.createDirectories(TestServer.current().directory().resolve(variant.node));
        Path war = folder.resolve("shop.war");
        Map<String, String> config = Map.of("tokentally.datasource", DataSources.H2FILE.jndiName());
        CustomerArchive.shop("shop", variant != Variant.WITHOUT, config)
                .as(ZipExporter.class)
                .exportTo(war.toFile(), true);
        return war;
    }

    private static void start(Variant variant, Path war, Started started) throws Exception {
        if (variant != Variant.LATER) {
            emptyTheStore(variant);
        }
        long start = System.nanoTime();
        Node node = TestServer.current() == TestServer.WILDFLY
                ? WildFlyNode.start(variant.node)
                : OtherNode.startLikeTheOther(variant.node, List.of("--deploy", war.toString()));
        try {
            awaitAnswer(node);
            started.time.add(System.nanoTime() - start);
            started.cpu.add(node.process().cpu().toNanos());
            assertThat(node.process().drainers()).isEqualTo(variant == Variant.WITHOUT ? 0 : 1);
            started.live.add(node.process().liveHeap());
            started.resident.add(node.process().residentMemory());
        } finally {
            node.stop();
        }
    }

    /** Removes the tables, so that the module has to make them. */
    private static void emptyTheStore(Variant variant) throws IOException {
        Path directory = TestServer.current() == TestServer.WILDFLY
                ? TestServer.current().directory().resolve(variant.node)
                : TestServer.current().directory();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith("h2file."))
                    .toList()) {
                Files.delete(file);
            }
        }
    }

    /** Asks more often than a test would. */
    private static void awaitAnswer(Node node) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                HttpResponse<String> answer = Http.send(HttpRequest.newBuilder(node.uri(SHOP)));
                if (answer.statusCode() == 200) {
                    assertThat(answer.body()).isEqualTo("open 42");
                    return;
                }
            } catch (UncheckedIOException notYet) {
                // Nobody listens yet.
            }
            assertThat(System.nanoTime()).as("still no answer").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    /** The measurements of each start of a variant. */
    private static final class Started {
        private final Rounds time = Rounds.nanos();
        private final Rounds cpu = Rounds.nanos();
        private final Rounds live = Rounds.bytes();
        private final Rounds resident = Rounds.bytes();
    }
}
