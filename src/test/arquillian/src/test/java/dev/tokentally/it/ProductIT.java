package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The product as it is shipped, on the server's own default data source")
class ProductIT {

    private static final String API = "/tokentally/api/v1";

    /** A report of a time in which nothing changes meanwhile. */
    private static final String REPORT = "/usage?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z";

    private LogMark log;

    @Deployment(testable = false)
    static Archive<?> product() {
        return Product.application();
    }

    @BeforeEach
    void markTheLog() {
        log = TestServer.current().log().mark();
    }

    @ParameterizedTest
    @DisplayName("answers 401 to everybody without a key, on every path of the API")
    @ValueSource(
            strings = {
                "",
                "/",
                "/completions",
                "/usage",
                "/usage/calls",
                "/usage/all/by-tenant",
                "/recording",
                "/recording/rejected",
                "/recording/rejected/retries",
                "/nothing/here",
                "/completions/",
                "//completions",
                "/%2e%2e/v1/usage",
                "/openapi",
                "/;x=y/usage",
                "/usage;x=y"
            })
    void withoutAKey(String path) {
        for (String method : new String[] {"GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"}) {
            HttpResponse<String> response = Http.send(request(path).method(method, BodyPublishers.noBody()));

            assertThat(response.statusCode()).as(method + " " + path).isEqualTo(401);
            if (!method.equals("HEAD")) {
                assertThat(response.body()).contains("\"code\":\"unauthorized\"");
            }
            assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
            assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        }
    }

    @ParameterizedTest
    @DisplayName("answers 401 to wrong and malformed keys, and does not log them")
    @ValueSource(
            strings = {
                "Bearer wrong-key-1234",
                "Bearer",
                "Bearer  ",
                "Basic ZGVtbzprZXk=",
                "demo-key",
                "Bearer demo-key x"
            })
    void wrongKey(String header) {
        HttpResponse<String> response = Http.send(request("/usage/calls").header("Authorization", header));

        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(log.lines()).noneMatch(line -> line.contains("wrong-key-1234"));
    }

    @Test
    @DisplayName("answers, records and shows a call, under the request id of the client")
    void completion() {
        UUID requestId = UUID.randomUUID();

        HttpResponse<String> answer = Http.send(
                withKey("/completions")
                        .header("Content-Type", "application/json")
                        .header("X-Request-ID", requestId.toString())
                        .POST(
                                BodyPublishers.ofString(
                                        "{\"operation\":\"summarise\",\"system_message\":\"Be brief.\",\"user_message\":\"Say hello.\"}")));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Request-ID")).hasValue(requestId.toString());
        assertThat(answer.body())
                .contains("\"call_id\":\"" + requestId + "\"", "\"model\":\"offline\"", "\"cost_usd\":0");
        HttpResponse<String> calls = Http.send(withKey("/usage/calls"));
        assertThat(calls.statusCode()).isEqualTo(200);
        assertThat(calls.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(calls.body())
                .containsOnlyOnce(requestId.toString())
                .contains("\"tenant_id\":\"demo\"", "\"operation\":\"summarise\"", "\"status\":\"ok\"")
                .doesNotContain("Say hello", "Be brief");
    }

    @Test
    @DisplayName("shows a tenant nothing of another tenant")
    void isolation() {
        UUID requestId = UUID.randomUUID();
        Http.send(withKey("/completions")
                .header("Content-Type", "application/json")
                .header("X-Request-ID", requestId.toString())
                .POST(BodyPublishers.ofString("{\"operation\":\"o\",\"user_message\":\"u\"}")));

        assertThat(Http.send(request("/usage/calls").header("Authorization", "Bearer other-key"))
                        .body())
                .doesNotContain(requestId.toString(), "\"demo\"");
    }

    @Test
    @DisplayName("tells a tenant nothing about the state of recording")
    void recordingForATenant() {
        HttpResponse<String> refused = Http.send(withKey("/recording"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(refused.body()).contains("\"code\":\"forbidden\"");
    }

    @Test
    @DisplayName("tells an admin the state of recording")
    void recording() {
        HttpResponse<String> answer = Http.send(request("/recording").header("Authorization", "Bearer admin-key"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(answer.body())
                .contains("\"mode\":", "\"circuit\":\"closed\"", "\"store_down_since\":null", "\"waiting\":")
                .contains(
                        "\"oldest\":",
                        "\"rejected\":",
                        "\"dropped\":",
                        "\"without_scope\":",
                        "\"damaged\":",
                        "\"directory\":\"",
                        "\"store\":\"up\"",
                        "\"nodes\":[{\"application\":\"")
                .contains("\"state\":\"alive\",\"last_seen\":");
    }

    @ParameterizedTest
    @DisplayName("serves the dashboard without a key, with a strict policy, and sends a file again only if it changed")
    @ValueSource(strings = {"/", "/index.html", "/assets/main.js", "/assets/dashboard.css"})
    void dashboard(String path) {
        HttpResponse<String> file = Http.send(page(path));

        assertThat(file.statusCode()).isEqualTo(200);
        assertStrict(file);
        assertThat(file.headers().firstValue("Cache-Control")).hasValue("no-cache");
        String tag = file.headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> same = Http.send(page(path).header("If-None-Match", tag));
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.headers().firstValue("ETag")).hasValue(tag);
        assertThat(Http.send(page(path).header("If-None-Match", "\"another\"")).statusCode())
                .isEqualTo(200);
        HttpResponse<String> posted = Http.send(page(path).POST(BodyPublishers.ofString("x")));
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(posted.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @ParameterizedTest
    @DisplayName("serves nothing but the API and the dashboard")
    @ValueSource(strings = {"/nothing", "/assets/", "/assets/nothing.js", "/usage", "/assets/../WEB-INF/web.xml"})
    void nothingElse(String path) {
        HttpResponse<String> answer = Http.send(page(path));

        assertThat(answer.statusCode()).isEqualTo(404);
        if (!path.contains("WEB-INF")) {
            assertStrict(answer);
        }
    }

    @Test
    @DisplayName("leads to the dashboard without the last slash in the address too")
    void withoutSlash() {
        HttpResponse<String> answer = Http.send(page(""));

        assertThat(answer.statusCode()).isIn(301, 302);
        assertThat(answer.headers().firstValue("Location"))
                .hasValueSatisfying(to -> assertThat(to).endsWith("/tokentally/"));
    }

    private static HttpRequest.Builder page(String path) {
        return HttpRequest.newBuilder(TestServer.current().uri("/tokentally" + path));
    }

    private static void assertStrict(HttpResponse<String> answer) {
        assertThat(answer.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy)
                        .contains("default-src 'none'", "script-src 'self';", "frame-ancestors 'none'")
                        .doesNotContain("unsafe"));
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    }

    @ParameterizedTest(name = "{index}: {1} {2}")
    @DisplayName("says what is wrong with a body")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`{\"operation\":`                                                | 400 | malformed_json",
                "`nonsense`                                                       | 400 | malformed_json",
                "``                                                               | 400 | malformed_json",
                "`[]`                                                             | 422 | validation_error",
                "`{}`                                                             | 422 | operation",
                "`{\"operation\":\"o\"}`                                          | 422 | user_message",
                "`{\"operation\":\" \",\"user_message\":\"u\"}`                   | 422 | operation",
                "`{\"operation\":\"a\\u000ab\",\"user_message\":\"u\"}`           | 422 | operation",
                "`{\"operation\":\"o\",\"user_message\":\"\"}`                    | 422 | user_message",
                "`{\"operation\":\"o\",\"user_message\":5}`                       | 422 | user_message",
                "`{\"operation\":\"o\",\"user_message\":{\"a\":[[[[]]]]}}`        | 422 | user_message",
                "`{\"operation\":\"o\",\"user_message\":\"u\",\"tenant\":\"x\"}`  | 422 | tenant",
                "`{\"operation\":\"o\",\"operation\":\"p\",\"user_message\":\"u\"}` | 422 | operation",
            })
    void badBody(String body, int status, String named) {
        HttpResponse<String> response = Http.send(withKey("/completions")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body == null ? "" : body)));

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(response.body()).contains(named).doesNotContain("Exception", "\tat ");
    }

    @Test
    @DisplayName("refuses a message of 2 MB, and names the limit")
    void hugeBody() {
        HttpResponse<String> response = Http.send(withKey("/completions")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        "{\"operation\":\"o\",\"user_message\":\"" + "x".repeat(2_000_000) + "\"}")));

        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(response.body()).contains("\"code\":\"request_too_large\"", "1048576");
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("answers every mistake as a problem of the same form")
    @CsvSource({
        "GET, /nothing/here, 404",
        "GET, /completions, 405",
        "POST, /completions, 415",
        "GET, /usage/calls?limit=0, 422"
    })
    void problems(String method, String path, int status) {
        HttpResponse<String> response = Http.send(withKey(path)
                .header("Content-Type", "text/plain")
                .method(method, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("x")));

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(response.body()).contains("\"status\":" + status, "\"code\":");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @DisplayName("sends all of a report if a header that is no condition it knows is malformed, or is not for it")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "If-None-Match       | abc",
                "If-None-Match       | \"abc",
                "If-None-Match       | W/",
                "If-None-Match       | ,",
                "If-None-Match       | \"x\", W/\"y\" z",
                "If-Match            | abc",
                "If-Match            | \"x\"",
                "If-Match            | *",
                "If-Modified-Since   | yesterday",
                "If-Modified-Since   | Fri, 31 Dec 9999 23:59:59 GMT",
                "If-Unmodified-Since | yesterday",
                "If-Unmodified-Since | Thu, 01 Jan 1970 00:00:01 GMT",
                "If-Range            | x",
                "Range               | bytes=9-1",
                "Range               | nonsense",
                "Accept-Charset      | ;",
                "Accept-Encoding     | ;q=;",
                "Content-Language    | ;",
                "Cookie              | =;=,\"",
                "Cookie              | $Version=x",
                "Date                | yesterday",
                "X-HTTP-Method-Override | DELETE"
            })
    void strangeHeader(String name, String value) {
        HttpResponse<String> expected = Http.send(withKey(REPORT));

        HttpResponse<String> answer = Http.send(withKey(REPORT).header(name, value));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(expected.body()).isNotEmpty();
        assertThat(answer.headers().firstValue("ETag"))
                .isPresent()
                .isEqualTo(expected.headers().firstValue("ETag"));
        assertThat(log.linesWith("API request failed")).isEmpty();
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("sends a report again only if no If-None-Match has its tag, weak or strong, in one line or in several")
    @ValueSource(strings = {"TAG", "W/TAG", "\"x\", TAG", "\"x\",W/TAG, \"y\"", "\"x\"\nTAG", "TAG\n\"x\"", "*", " * "})
    void knownTag(String lines) {
        String tag = Http.send(withKey(REPORT)).headers().firstValue("ETag").orElseThrow();
        HttpRequest.Builder request = withKey(REPORT);
        HttpRequest.Builder file = page("/assets/main.js");
        String fileTag =
                Http.send(page("/assets/main.js")).headers().firstValue("ETag").orElseThrow();
        for (String line : lines.split("\n")) {
            request.header("If-None-Match", line.replace("TAG", tag));
            file.header("If-None-Match", line.replace("TAG", fileTag));
        }

        HttpResponse<String> answer = Http.send(request);

        assertThat(answer.statusCode()).isEqualTo(304);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.headers().firstValue("ETag")).hasValue(tag);
        assertThat(Http.send(file).statusCode()).isEqualTo(304);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @DisplayName("refuses a malformed header on which the answer or the reading of the body depends, as a problem")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GET  | Accept       | abc",
                "GET  | Accept       | ;;;",
                "GET  | Accept       | text/",
                "GET  | Accept       | application/json;q=x",
                "GET  | Accept       | application/json;q=5",
                "GET  | Accept       | text/csv, application/json;q=",
                "GET  | Accept       | application/json;qs=x",
                "GET  | Accept-Language | ;;q=x",
                "GET  | Accept-Language | en;q=x",
                "GET  | Content-Type | abc",
                "POST | Content-Type | application/json;q=x",
                "POST | Content-Type | application/json;qs=x",
                "POST | Content-Type | abc",
                "POST | Content-Type | application/",
                "POST | Content-Type | ;",
                "POST | Content-Type | application/json; charset",
                "POST | Content-Type | application/json; charset=\"",
                "POST | Content-Type | application/json; charset=nonsense",
                "POST | Content-Encoding | nonsense"
            })
    void malformedHeader(String method, String name, String value) {
        HttpRequest.Builder request = method.equals("GET")
                ? withKey(REPORT)
                : withKey("/prices/quotes")
                        .POST(BodyPublishers.ofString("{\"model\":\"m\",\"tokens\":{\"input_tokens\":1}}"));
        if (method.equals("POST") && !name.equals("Content-Type")) {
            request.header("Content-Type", "application/json");
        }

        HttpResponse<String> answer = Http.send(request.header(name, value));

        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 400, 406, 415);
        if (answer.statusCode() != 200) {
            assertProblem(answer.headers().firstValue("Content-Type").orElse(""), answer.body());
        }
        assertThat(log.linesWith("API request failed")).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("refuses a query that is not percent-encoded UTF-8, and names the parameter")
    @CsvSource({
        "/usage/calls?model=%zz, model",
        "/usage/calls?model=a%, model",
        "/usage/calls?model=%4, model",
        "/usage/calls?limit=3&model=%FF, model",
        "/usage/calls?model=a%C0%AFb, model",
        "/usage/calls?model=%ED%A0%80, model",
        "/usage/calls?model=%E2%82, model",
        "/usage/calls?model=a%00b, model",
        "/usage/calls?model=\u00e9, model",
        "/usage?from=%ff, from",
        "/usage?%ff=x, %ff",
        "/recording/rejected?limit=%zz, limit"
    })
    void malformedQuery(String target, String named) throws IOException {
        String[] answer = raw("GET " + API + target);

        assertThat(answer[0]).as(answer[1]).containsAnyOf(" 422 ", " 400 ");
        if (answer[0].contains(" 422 ")) {
            assertProblem(answer[0], answer[1]);
            assertThat(answer[1]).contains("\"code\":\"validation_error\"", named);
        } else {
            // WildFly refuses some addresses before any application sees them.
            assertThat(answer[1]).isEmpty();
        }
        assertThat(log.linesWith("API request failed")).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("takes each character in a filter that a recorded name may have")
    @ValueSource(
            strings = {"a%EF%BF%BDb%EF%BF%BD", "a%0Ab%09", "%7F", "%C2%85", "%E2%80%A8", "+", "%25zz", "%F0%9F%A6%8A"})
    void recordedCharacters(String value) {
        for (String name : new String[] {"model", "user", "tag.team", "tenant"}) {
            String path = (name.equals("tenant") ? "/usage/all/by-model?" : "/usage/by-model?") + name + "=" + value;

            HttpResponse<String> answer = Http.send(request(path).header("Authorization", "Bearer admin-key"));

            assertThat(answer.statusCode()).as(path + answer.body()).isEqualTo(200);
        }
    }

    private static void assertProblem(String head, String body) {
        assertThat(head).contains("application/problem+json");
        assertThat(body).contains("\"status\":", "\"code\":").doesNotContain("Exception", "\tat ");
    }

    /** Sends what the JDK's own client refuses to send. Returns the head and the body of the answer. */
    private static String[] raw(String methodAndTarget) throws IOException {
        URI uri = TestServer.current().uri(API);
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.getOutputStream()
                    .write((methodAndTarget + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                    + "Authorization: Bearer admin-key\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\r\n\r\n", 2);
        }
    }

    @Test
    @DisplayName("logs no forged line, whatever a client sends")
    void forgedLogLines() {
        String forged = "%0a%0d[2026-01-01] [SEVERE] forged-" + UUID.randomUUID();
        Http.send(HttpRequest.newBuilder(TestServer.current()
                .uri(API + "/" + forged.replace(" ", "%20").replace("[", "%5B").replace("]", "%5D"))));

        assertThat(log.lines()).noneMatch(line -> line.startsWith("[2026-01-01] [SEVERE] forged"));
    }

    @Test
    @DisplayName("says at its start that @Retry is live, and whether its default store outlives the server")
    void startUpLog() {
        LogMark wholeLog = new LogMark(TestServer.current().log().file(), 0);

        assertThat(wholeLog.linesWith("@Retry is live: 3 attempts")).isNotEmpty();
        if (TestServer.current() == TestServer.WILDFLY) {
            assertThat(wholeLog.linesWith("The store is an H2 database in memory: every record is gone"))
                    .isNotEmpty();
        } else {
            assertThat(wholeLog.linesWith("H2 was set to write each commit at once"))
                    .isNotEmpty();
        }
        // Payara Micro's own database is in a temporary directory, and Payara Server's is in its domain.
        boolean isTemporary = TestServer.current() == TestServer.PAYARA_MICRO;
        assertThat(wholeLog.linesWith("The store is an H2 database in the temporary directory"))
                .filteredOn(line -> line.contains("embedded_default.mv.db"))
                .hasSizeGreaterThanOrEqualTo(isTemporary ? 1 : 0)
                .hasSizeLessThanOrEqualTo(isTemporary ? Integer.MAX_VALUE : 0)
                .allMatch(line -> line.contains("--rootdir DIR"));
    }

    private static HttpRequest.Builder withKey(String path) {
        return request(path).header("Authorization", "Bearer demo-key");
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(TestServer.current().uri(API + path));
    }
}
