package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@OnOnePayara
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A completion when the application does not trace")
class TraceHeadersIT {

    private static final String NAME = "trace-headers";
    private static final String API = "/" + NAME + "/api/v1";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    /** More than the log has lines about refused requests. */
    private static final int REFUSED = 300;

    private final Postgres postgres = Postgres.started();
    private final UUID call = UUID.randomUUID();

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        return Product.loadable(NAME, Map.of("tokentally.datasource", DataSources.POSTGRES.jndiName()));
    }

    @Test
    @DisplayName("has the ids of its traceparent header in its row, in JSON and in CSV")
    void header() {
        assertThat(complete("traceparent", "00-" + TRACE + "-" + SPAN + "-01")).isEqualTo(200);

        // WildFly makes a span of its own in the trace of the header.
        Object span = TestServer.current() == TestServer.WILDFLY ? row().get("span_id") : SPAN;
        assertThat(row()).containsEntry("trace_id", TRACE).containsEntry("span_id", span);
        assertThat(calls("application/json"))
                .contains("\"trace_id\":\"" + TRACE + "\",\"span_id\":\"" + span + "\",\"response_id\":");
        assertThat(calls("text/csv")).contains("," + TRACE + "," + span + ",");
    }

    @Test
    @DisplayName(
            "is made without the ids of an invalid traceparent header, with one WARNING that does not show the header")
    void malformed() throws Exception {
        LogMark log = TestServer.current().log().mark();

        assertThat(complete("traceparent", "00-" + TRACE.replace('4', 'x') + "-" + SPAN + "-01"))
                .isEqualTo(200);

        hasNoTraceOfHeader();
        assertThat(log.await("The traceparent header of a request is left out", Duration.ofSeconds(20)))
                .contains("call_id=" + call, "its trace id is not 32 lower-case hex digits")
                .doesNotContain("xbf92f");
        assertThat(log.linesWith("traceparent")).hasSize(1);
    }

    @Test
    @DisplayName(
            "alone writes a line about an invalid traceparent header: requests that are refused or make no call do not")
    void malformedWithoutACall() throws Exception {
        LogMark log = TestServer.current().log().mark();
        for (int i = 0; i < REFUSED; i++) {
            assertThat(Http.send(usage().header("traceparent", "x")).statusCode())
                    .isEqualTo(401);
        }
        assertThat(Http.send(withKey(usage()).header("traceparent", "x")).statusCode())
                .isEqualTo(200);
        assertThat(complete("{\"operation\":\"\",\"user_message\":\"hello\"}", "traceparent", "x"))
                .isEqualTo(422);

        // The log is written in order, so lines about the requests before would be there.
        assertThat(complete("traceparent", "x")).isEqualTo(200);
        log.await("The traceparent header of a request is left out", Duration.ofSeconds(20));
        assertThat(log.linesWith("traceparent")).hasSize(1);
    }

    @Test
    @DisplayName("needs no header")
    void none() {
        assertThat(complete("Accept", "application/json")).isEqualTo(200);

        hasNoTraceOfHeader();
    }

    /** Each server may make a span for a request, even if it does not export it. */
    private void hasNoTraceOfHeader() {
        assertThat(row().get("trace_id")).isNotEqualTo(TRACE);
    }

    private Map<String, Object> row() {
        return postgres.await(1, "select trace_id, span_id from llm_calls where call_id = ?", call)
                .get(0);
    }

    private int complete(String header, String value) {
        return complete("{\"operation\":\"try\",\"user_message\":\"hello\"}", header, value);
    }

    private int complete(String body, String header, String value) {
        return Http.send(withKey(HttpRequest.newBuilder(TestServer.current().uri(API + "/completions")))
                        .header("Content-Type", "application/json")
                        .header("X-Request-ID", call.toString())
                        .header(header, value)
                        .POST(BodyPublishers.ofString(body)))
                .statusCode();
    }

    private static HttpRequest.Builder usage() {
        return HttpRequest.newBuilder(TestServer.current().uri(API + "/usage"));
    }

    private static HttpRequest.Builder withKey(HttpRequest.Builder request) {
        return request.header("Authorization", "Bearer demo-key");
    }

    private String calls(String type) {
        return Http.send(withKey(HttpRequest.newBuilder(
                                TestServer.current().uri(API + "/usage/calls" + Http.query("call_id", call))))
                        .header("Accept", type))
                .body();
    }
}
