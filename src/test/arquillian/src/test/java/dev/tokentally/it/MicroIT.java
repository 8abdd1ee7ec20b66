package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.shrinkwrap.api.exporter.ExplodedExporter;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Tests what {@link RedeploymentIT} tests, with WARs that Payara Micro deploys at its own start and then itself redeploys. */
@EnabledIfSystemProperty(
        named = "server",
        matches = "payara-micro",
        disabledReason = "other servers have no such option")
@DisplayName("The product on PostgreSQL and a customer's WAR on H2 in one Payara Micro")
class MicroIT {

    private static final String OURS = "dev.tokentally.recording.SpooledRecorder";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Postgres postgres = Postgres.started();
    private final Path folder = TestServer.current().directory();

    @Test
    @DisplayName("do not disturb each other, and four redeployments under load lose no record and leave nothing behind")
    void redeployed() throws Exception {
        // The archive is exploded, because Payara Micro redeploys nothing else while it runs.
        Path product = Product.warOn(DataSources.POSTGRES.jndiName())
                .as(ExplodedExporter.class)
                .exportExploded(folder.toFile(), "tokentally")
                .toPath();
        Path customer = folder.resolve("customer.war");
        CustomerArchive.named("customer", Map.of()).as(ZipExporter.class).exportTo(customer.toFile(), true);
        OtherNode micro = OtherNode.start(
                "two-wars", List.of("--hotdeploy", "--deploy", product.toString(), "--deploy", customer.toString()));
        try {
            micro.awaitAnswer("/customer/api/calls/started?tenant=a", 200);
            callBoth(micro);
            LogMark log = micro.log().mark();
            Load load = Load.start(4, Integer.MAX_VALUE, 5, micro::completion);
            // Payara first stops the class loader of a WAR that it deployed at its own start. So all classes that
            // recording
            // needs from then on must have been loaded before, even if no record has used them yet.
            redeployInAnOutage(micro, product);
            assertThat(log.linesWith("Error destroying an instance dev.tokentally"))
                    .isEmpty();
            assertThat(log.linesWith("is not recorded")).isEmpty();

            long copies = micro.process().loadedCopiesOf(OURS);

            int redeployments = Integer.getInteger("redeployments", 3);
            for (int i = 0; i < redeployments; i++) {
                redeploy(micro, product);
                callBoth(micro);
            }
            Set<Object> answered = load.stop().stream().map(Load.Answer::id).collect(Collectors.toSet());
            assertThat(answered).hasSizeGreaterThan(100);
            String stored = "select call_id from llm_calls where operation = ?";
            assertThat(postgres.awaitCalls(answered, stored, micro.operation()))
                    .as(() -> "of " + answered.size() + " calls; failures: "
                            + load.failures().size() + "; the module's lines: " + log.linesWith("dev.tokentally"))
                    .isEmpty();
            assertThat(postgres.query(stored, micro.operation()))
                    .extracting(row -> row.get("call_id"))
                    .doesNotHaveDuplicates();
            // There is one lock and at most one segment for each of the two applications.
            assertThat(micro.process().openSpoolFiles()).hasSizeLessThanOrEqualTo(4);

            assertThat(micro.process().drainers()).isEqualTo(2);
            assertThat(micro.process().threadsOfOurs())
                    .allMatch(frame ->
                            frame.matches(".*(recording\\.(Arrivals|Drainer|Heartbeat)|time\\.(SingleThread|Ticker)"
                                    + "|persistence\\.(OwnThread|SchemaUpgrade|RollupUpkeep)).*"));
            // Two of the three may stay, because a thread that the server began meanwhile keeps what was deployed then.
            // A leak keeps all.
            long left = micro.process().loadedCopiesOf(OURS);
            System.out.printf(
                    "%d copies of our classes before, %d after %d redeployments%n", copies, left, redeployments);
            assertThat(left).isLessThanOrEqualTo(copies + 2);
            assertThat(postgres.query("select 1 from pg_stat_activity where state like 'idle in transaction%'"))
                    .isEmpty();
            assertThat(postgres.query("select gid from pg_prepared_xacts")).isEmpty();
        } finally {
            micro.stop();
        }
    }

    private static void redeploy(OtherNode micro, Path exploded) throws Exception {
        LogMark log = micro.log().mark();
        Files.writeString(exploded.resolve(".reload"), UUID.randomUUID().toString());
        log.await("LLM calls are recorded in PostgreSQL", PATIENCE);
        micro.awaitAnswerAgain("/tokentally/api/v1/usage/calls", 401);
    }

    /** The store's sessions end again and again until the application has started anew. */
    private void redeployInAnOutage(OtherNode micro, Path exploded) throws Exception {
        LogMark log = micro.log().mark();
        Files.writeString(exploded.resolve(".reload"), UUID.randomUUID().toString());
        Instant end = Instant.now().plus(PATIENCE);
        while (log.linesWith("Recording is ").isEmpty()) {
            assertThat(Instant.now()).as("the application starts in time").isBefore(end);
            postgres.query("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where backend_type = 'client backend' and pid <> pg_backend_pid()");
            Thread.sleep(20);
        }
        log.await("LLM calls are recorded in PostgreSQL", PATIENCE);
        micro.awaitAnswerAgain("/tokentally/api/v1/usage/calls", 401);
    }

    private void callBoth(OtherNode micro) {
        UUID inPostgres = UUID.randomUUID();
        UUID inH2 = UUID.randomUUID();

        assertThat(micro.complete(inPostgres)).isEqualTo(200);
        assertThat(Http.send(HttpRequest.newBuilder(micro.uri("/customer/api/calls?tenant=a&call=" + inH2))
                                .POST(BodyPublishers.noBody()))
                        .body())
                .isEqualTo("answer");

        assertThat(postgres.await(1, "select call_id from llm_calls where call_id in (?, ?)", inPostgres, inH2))
                .extracting(row -> row.get("call_id"))
                .containsExactly(inPostgres);
    }
}
