package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(
        named = "server",
        matches = "wildfly",
        disabledReason = "Payara has no configuration without OpenTelemetry")
@DisplayName("A completion on a server without OpenTelemetry")
class WithoutOpenTelemetryIT {

    private static final String NODE = "without-telemetry";
    private static final String API = "/" + NODE + "/api/v1";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    private final Postgres postgres = Postgres.started();

    @Test
    @DisplayName(
            "has the ids of its traceparent header in its row, or none without a header, even with a second application beside it")
    void header() throws Exception {
        Archive<?> archive = Product.loadable(
                NODE,
                Map.of(
                        "tokentally.datasource",
                        DataSources.POSTGRES.jndiName(),
                        "tokentally.api-keys",
                        Settings.text("servers.api-keys")));
        Path deployments = WildFlyNode.deployments(NODE);
        archive.as(ZipExporter.class)
                .exportTo(deployments.resolve(archive.getName()).toFile(), true);
        Product.warOn(DataSources.POSTGRES.jndiName())
                .as(ZipExporter.class)
                .exportTo(deployments.resolve("tokentally-web.war").toFile(), true);

        Node node = WildFlyNode.startWithout(NODE, "microprofile-telemetry", "opentelemetry");
        try {
            node.awaitAnswer(API + "/recording", 401);

            assertThat(row(complete(node, "traceparent", "00-" + TRACE + "-" + SPAN + "-01")))
                    .containsEntry("trace_id", TRACE)
                    .containsEntry("span_id", SPAN);
            assertThat(row(complete(node, "Accept", "application/json")))
                    .containsEntry("trace_id", null)
                    .containsEntry("span_id", null);
            besideAnother(node);
        } finally {
            node.stop();
        }
    }

    /**
     * The web module's WAR on its own answers at the address that the documents name, and both applications appear
     * everywhere.
     */
    private static void besideAnother(Node node) throws InterruptedException {
        node.awaitAnswer("/tokentally/api/v1/recording", 401);
        String told = "";
        for (int tries = 0; !told.contains("\"application\":\"tokentally-web\"") && tries < 100; tries++) {
            Thread.sleep(200);
            told = Http.send(HttpRequest.newBuilder(node.uri(API + "/recording"))
                            .header("Authorization", "Bearer admin-key"))
                    .body();
        }
        assertThat(told)
                .contains("\"application\":\"" + NODE + "\"", "\"application\":\"tokentally-web\"", "\"store\":\"up\"");
    }

    private static UUID complete(Node node, String header, String value) {
        UUID call = UUID.randomUUID();
        assertThat(Http.send(HttpRequest.newBuilder(node.uri(API + "/completions"))
                                .header("Authorization", "Bearer demo-key")
                                .header("Content-Type", "application/json")
                                .header("X-Request-ID", call.toString())
                                .header(header, value)
                                .POST(BodyPublishers.ofString("{\"operation\":\"try\",\"user_message\":\"hello\"}")))
                        .statusCode())
                .isEqualTo(200);
        return call;
    }

    private Map<String, Object> row(UUID call) {
        return postgres.await(1, "select trace_id, span_id from llm_calls where call_id = ?", call)
                .get(0);
    }
}
