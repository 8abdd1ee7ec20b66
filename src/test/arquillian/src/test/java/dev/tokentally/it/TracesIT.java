package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnOnePayara
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A call in a span of the server's OpenTelemetry")
class TracesIT {

    private static final String NAME = "traces";
    private static final String API = "/" + NAME + "/api/traced";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final int REQUESTS = 50;

    private final Postgres postgres = Postgres.started();
    private final UUID call = UUID.randomUUID();
    private final String tenant = "tenant of " + call;

    @Deployment(testable = false)
    static Archive<?> application() {
        Postgres.started();
        return CustomerArchive.traced(
                NAME,
                Map.of(
                        "tokentally.datasource", DataSources.POSTGRES.jndiName(),
                        "otel.sdk.disabled", "false",
                        "otel.traces.exporter", "none",
                        "otel.metrics.exporter", "none",
                        "otel.logs.exporter", "none"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("has the span's ids in its row, even on a thread to which the context travels")
    @ValueSource(strings = {"here", "thread"})
    void span(String where) throws InterruptedException {
        String[] ids =
                Http.post(API + "/" + where, "tenant", tenant, "call", call).split(" ");

        assertThat(ids[0]).hasSize(32).isNotEqualTo("0".repeat(32));
        assertThat(row()).containsEntry("trace_id", ids[0]).containsEntry("span_id", ids[1]);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is in the trace of the request's header, and in the server's own span in that trace")
    @ValueSource(strings = {"here", "thread"})
    void spanOfHeader(String where) throws InterruptedException {
        String[] ids = Http.send(request(where)).body().split(" ");
        int requests = 1;
        // WildFly at times leaves a span of an earlier request current on its thread, and continues that one.
        while (!ids[0].equals(TRACE) && requests < REQUESTS) {
            ids = Http.send(request(where)).body().split(" ");
            requests++;
        }

        assertThat(ids[0]).isEqualTo(TRACE);
        assertThat(ids[1]).isNotEqualTo(SPAN);
        assertThat(postgres.await(requests, "select trace_id, span_id from llm_calls where tenant_id = ?", tenant))
                .hasSize(requests)
                .contains(Map.of("trace_id", ids[0], "span_id", ids[1]));
    }

    @Test
    @DisplayName("has the ids of the header if no span is current")
    void headerAlone() throws InterruptedException {
        assertThat(Http.send(request("nowhere")).statusCode()).isEqualTo(200);

        assertThat(row()).containsEntry("trace_id", TRACE).containsEntry("span_id", SPAN);
    }

    @Test
    @DisplayName("has no ids outside any span and without a header")
    void none() throws InterruptedException {
        Http.post(API + "/nowhere", "tenant", tenant, "call", call);

        assertThat(row()).containsEntry("trace_id", null).containsEntry("span_id", null);
    }

    private HttpRequest.Builder request(String where) {
        return HttpRequest.newBuilder(
                        TestServer.current().uri(API + "/" + where + Http.query("tenant", tenant, "call", call)))
                .header("traceparent", "00-" + TRACE + "-" + SPAN + "-01")
                .POST(BodyPublishers.noBody());
    }

    private Map<String, Object> row() throws InterruptedException {
        return postgres.await(1, "select trace_id, span_id from llm_calls where tenant_id = ?", tenant)
                .get(0);
    }
}
