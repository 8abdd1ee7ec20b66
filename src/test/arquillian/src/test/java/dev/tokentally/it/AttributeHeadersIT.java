package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
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

@RunsOn(TestServer.PAYARA_MICRO)
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A completion with attributes in its headers")
class AttributeHeadersIT {

    private static final String NAME = "attribute-headers";
    private static final String API = "/" + NAME + "/api/v1";

    /** The HMAC-SHA256 of the name, computed by another program. */
    private static final String ANN = "a97a9f1e723b521e652c16e1d782546d40d0da775ddeeb3fa0a2e8c14c58fc11";

    private final Postgres postgres = Postgres.started();
    private final UUID call = UUID.randomUUID();

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        return Product.loadable(
                NAME,
                Map.of(
                        "tokentally.datasource", DataSources.POSTGRES.jndiName(),
                        "tokentally.user", "hashed",
                        "tokentally.user.hash-key", "a key of the tests",
                        "tokentally.tags", "costCentre,team"));
    }

    @Test
    @DisplayName("has them in its row, the user by a pseudonym, and in the API's JSON and CSV")
    void recorded() {
        assertThat(complete(
                        "X-Tokentally-User", "ann",
                        "X-Tokentally-Session", "talk-1",
                        "X-Tokentally-Environment", "test",
                        "X-Tokentally-Tag-costcentre", "47;=11",
                        "X-Tokentally-Tag-team", "support"))
                .isEqualTo(200);

        assertThat(postgres.await(
                        1,
                        "select user_id, session_id, environment, tags, requested_model from llm_calls where call_id = ?",
                        call))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("user_id", ANN)
                        .containsEntry("session_id", "talk-1")
                        .containsEntry("environment", "test")
                        .containsEntry("tags", "{\"costCentre\":\"47;=11\",\"team\":\"support\"}"));
        assertThat(calls("application/json"))
                .contains("\"user_id\":\"" + ANN + "\",\"session_id\":\"talk-1\",\"environment\":\"test\","
                        + "\"tags\":{\"costCentre\":\"47;=11\",\"team\":\"support\"},\"trace_id\":");
        assertThat(calls("text/csv"))
                .contains("," + ANN
                        + ",talk-1,test,\"{\"\"costCentre\"\":\"\"47;'=11\"\",\"\"team\"\":\"\"support\"\"}\",");
    }

    @Test
    @DisplayName(
            "is made without the attributes that cannot be recorded, with one WARNING that does not show their values")
    void leftOut() throws Exception {
        LogMark log = TestServer.current().log().mark();

        assertThat(complete(
                        "X-Tokentally-User", "x".repeat(256),
                        "X-Tokentally-Session", " ",
                        "X-Tokentally-Environment", "test",
                        "X-Tokentally-Tag-owner", "secret"))
                .isEqualTo(200);

        assertThat(postgres.await(
                        1, "select user_id, session_id, environment, tags from llm_calls where call_id = ?", call))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("user_id", null)
                        .containsEntry("session_id", null)
                        .containsEntry("environment", "test")
                        .containsEntry("tags", null));
        assertThat(log.await("Attributes that came from outside are left out", Duration.ofSeconds(20)))
                .contains("user has 256 characters", "tags has the key owner")
                .doesNotContain("xxx", "secret");
        assertThat(log.linesWith("are left out")).hasSize(1);
    }

    /** Sends the request as curl does. The JDK's own client allows only ASCII in headers. */
    @Test
    @DisplayName("may have UTF-8 in them, unless the server refuses a header that is not ASCII")
    void utf8() throws Exception {
        byte[] body = "{\"operation\":\"try\",\"user_message\":\"hello\"}".getBytes(StandardCharsets.UTF_8);
        URI uri = TestServer.current().uri(API + "/completions");
        String status;
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST " + uri.getPath() + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                            + "Authorization: Bearer demo-key\r\nContent-Type: application/json\r\nX-Request-ID: "
                            + call
                            + "\r\nX-Tokentally-Session: Zo\u00eb \u65e5\u672c\r\nContent-Length: " + body.length
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            out.write(body);
            out.flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            status = answer.split(" ", 3)[1];
        }

        if (status.equals("400")) {
            assertThat(postgres.query("select 1 from llm_calls where call_id = ?", call))
                    .isEmpty();
        } else {
            assertThat(status).isEqualTo("200");
            assertThat(postgres.await(1, "select session_id from llm_calls where call_id = ?", call))
                    .singleElement()
                    .satisfies(row -> assertThat(row).containsEntry("session_id", "Zo\u00eb \u65e5\u672c"));
        }
        System.out.println("A header in UTF-8 was answered with " + status);
    }

    private int complete(String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        TestServer.current().uri(API + "/completions"))
                .header("Authorization", "Bearer demo-key")
                .header("Content-Type", "application/json")
                .header("X-Request-ID", call.toString())
                .headers(headers)
                .POST(BodyPublishers.ofString("{\"operation\":\"try\",\"user_message\":\"hello\"}"));
        HttpResponse<String> answer = Http.send(request);
        return answer.statusCode();
    }

    private String calls(String type) {
        return Http.send(HttpRequest.newBuilder(
                                TestServer.current().uri(API + "/usage/calls" + Http.query("call_id", call)))
                        .header("Authorization", "Bearer demo-key")
                        .header("Accept", type))
                .body();
    }
}
