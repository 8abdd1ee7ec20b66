package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.yaml.snakeyaml.Yaml;

@OnOnePayara
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The API description that the server makes of openapi.yaml")
class OpenApiIT {

    private static final Set<String> ONLY_WITH_CSV = Set.of("Content-Disposition", "X-Calls-Kept-From");

    private static final String API = "/api/v1";

    private static final String TENANT = "demo-key";
    private static final String ADMIN = "admin-key";
    private static final String REPRICINGS = "/prices/repricings";

    private ApiDocument served;

    @Deployment(testable = false)
    static Archive<?> product() {
        return Product.application();
    }

    @BeforeEach
    void ask() {
        served = ApiDocument.served();
        assertThat(complete().statusCode()).isEqualTo(200);
    }

    @Test
    @DisplayName("has all that the file has, no other path, and needs no key")
    void servedAsShipped() {
        ApiDocument shipped = ApiDocument.shipped();

        assertThat(served.paths()).isEqualTo(shipped.paths());
        for (String member : Set.of("openapi", "info", "security", "tags", "components")) {
            contains("/" + member, served.json().get(member), shipped.json().get(member));
        }
        for (String path : shipped.paths()) {
            JsonObject paths = shipped.json().getJsonObject("paths");
            paths.getJsonObject(path).forEach((member, value) -> {
                if (value instanceof JsonObject operation) {
                    contains(member + " " + path, served.operation(member, path), operation);
                }
            });
            assertThat(served.queryParameters(path)).isEqualTo(shipped.queryParameters(path));
        }
        Map<String, Map<String, Object>> yaml =
                new Yaml().load(ApiDocument.ask("*/*").body());
        assertThat(yaml.get("paths").keySet())
                .isEqualTo(served.json().getJsonObject("paths").keySet());
    }

    private static void contains(String at, JsonValue served, JsonValue shipped) {
        boolean isEmpty = shipped == JsonValue.NULL
                || shipped.equals(JsonValue.EMPTY_JSON_ARRAY)
                || shipped instanceof JsonString text && text.getString().isEmpty();
        if (at.contains("/example") && isEmpty || at.endsWith("/requestBody/required")) {
            // In an example, Payara omits empty values, and WildFly omits that a body is required.
            return;
        }
        assertThat(served).as(at).isNotNull();
        if (shipped instanceof JsonObject object) {
            object.forEach((member, value) ->
                    contains(at + "/" + member, served.asJsonObject().get(member), value));
        } else if (shipped instanceof JsonArray array) {
            assertThat(served.asJsonArray()).as(at).hasSameSizeAs(array);
            for (int i = 0; i < array.size(); i++) {
                contains(at + "/" + i, served.asJsonArray().get(i), array.get(i));
            }
        } else {
            assertThat(served).as(at).isEqualTo(shipped);
        }
    }

    @Test
    @DisplayName("names the right addresses: the API answers at each server with each path")
    void urls() {
        JsonArray servers = served.json().getJsonArray("servers");
        Set<String> bases = new TreeSet<>();
        if (servers == null || servers.isEmpty()) {
            bases.add("");
        } else {
            servers.forEach(server ->
                    bases.add(URI.create(server.asJsonObject().getString("url")).getPath()));
        }

        for (String base : bases) {
            for (String path : served.json().getJsonObject("paths").keySet()) {
                String url = filled(base + path);
                assertThat(url).startsWith("/tokentally/api/v1/");
                boolean isSeries = served.queryParameters(path.substring(path.indexOf(API)))
                        .containsKey("bucket");
                HttpResponse<String> answer = Http.send(authorized(url + (isSeries ? "?bucket=day" : ""), ADMIN));
                assertThat(answer.statusCode()).as(url).isIn(200, 404, 405, 422);
                if (answer.statusCode() == 404) {
                    assertThat(answer.body())
                            .as(url)
                            .containsAnyOf("There is no such repricing.", "There is no such erasure.");
                }
            }
        }
    }

    @Test
    @DisplayName("has exactly the fields of the API's answers, with their types")
    void answers() {
        for (String path : Set.of(
                "/dashboard",
                "/usage",
                "/usage/by-model",
                "/usage/by?dimension=model",
                "/usage/by?dimension=provider,kind&operation=describe",
                "/usage/by?dimension=kind&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z",
                "/usage/series?bucket=month",
                "/usage/series?bucket=day&group=operation",
                "/usage/series?bucket=day&group=provider&kind=chat",
                "/usage/series?bucket=day&group=kind",
                "/usage/series?bucket=day&group=requested_model",
                "/usage/series?bucket=day&group=user&tag.team=",
                "/usage/series?bucket=day&group=session",
                "/usage/series?bucket=day&group=environment",
                "/usage/series?bucket=day&group=tag.team",
                "/usage/by?dimension=user,tag.team",
                "/usage/series?bucket=hour&group=model&zone=Europe/Amsterdam",
                "/usage/calls?limit=1",
                "/usage/calls?from=2026-01-01T00:00:00Z&to=9999-01-01T00:00:00Z",
                "/usage?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z")) {
            assertThat(check("get", path, TENANT, get(path, TENANT))).as(path).isEqualTo(200);
        }
        for (String path : Set.of(
                "/usage/all/by-tenant",
                "/usage/all/by-operation",
                "/usage/all/by-model",
                "/usage/all/by-model?tenant=demo&operation=describe",
                "/usage/all/by?dimension=tenant,model",
                "/usage/all/by?dimension=model&tenant=demo",
                "/usage/all/series?bucket=month&group=tenant",
                "/usage/all/series?bucket=month&tenant=demo",
                "/usage/all/calls?limit=1",
                "/recording",
                "/recording/rejected?limit=1")) {
            assertThat(check("get", path, ADMIN, get(path, ADMIN))).as(path).isEqualTo(200);
        }
        assertThat(check("post", "/completions", TENANT, complete())).isEqualTo(200);
        assertThat(check("post", "/keys", ADMIN, post("/keys", ADMIN, "{\"tenant\":\"acme\",\"role\":\"tenant\"}")))
                .isEqualTo(201);
        assertThat(check("post", "/recording/rejected/retries", ADMIN, post("/recording/rejected/retries", ADMIN, "")))
                .isEqualTo(202);
        assertThat(check(
                        "post", "/erasures", ADMIN, post("/erasures", ADMIN, "{\"tenant\":\"demo\",\"user\":\"ann\"}")))
                .isEqualTo(409);
        repricing();
        quotes();
        assertThat(check("get", "/usage?from=x", TENANT, get("/usage?from=x", TENANT)))
                .isEqualTo(422);

        Set<String> fields = served.fields();
        served.fieldsOf("CompletionRequest").forEach(field -> fields.remove("CompletionRequest." + field));
        served.fieldsOf("NewKeyRequest").forEach(field -> fields.remove("NewKeyRequest." + field));
        served.fieldsOf("QuoteRequest").forEach(field -> fields.remove("QuoteRequest." + field));
        served.fieldsOf("RepricingRequest").forEach(field -> fields.remove("RepricingRequest." + field));
        // Without a hash key nobody is erased here; ErasureIT has erasures.
        served.fieldsOf("ErasureRequest").forEach(field -> fields.remove("ErasureRequest." + field));
        served.fieldsOf("Erasure").forEach(field -> fields.remove("Erasure." + field));
        // No record is refused here; RefusedIT has refused ones.
        served.fieldsOf("RejectedRecord").forEach(field -> fields.remove("RejectedRecord." + field));
        // Here the offline model gives each call's cost; RepricingIT has other calls.
        served.fieldsOf("RepricedModel").forEach(field -> fields.remove("RepricedModel." + field));
        assertThat(served.met()).isEqualTo(fields);
    }

    private void repricing() {
        HttpResponse<String> begun = post(REPRICINGS, ADMIN, "{\"dry_run\":true}");
        assertThat(check("post", REPRICINGS, ADMIN, begun)).isEqualTo(202);
        String id = Corpus.json(begun.body()).asJsonObject().getString("id");
        for (String verb : Set.of("get", "delete")) {
            HttpResponse<String> answer = Http.send(authorized("/tokentally" + API + REPRICINGS + "/" + id, ADMIN)
                    .method(verb.toUpperCase(Locale.ROOT), BodyPublishers.noBody()));
            assertThat(check(verb, REPRICINGS + "/{id}", ADMIN, answer)).isEqualTo(200);
        }
        assertThat(check("get", REPRICINGS, ADMIN, get(REPRICINGS, ADMIN))).isEqualTo(200);
        assertThat(check("get", REPRICINGS + "/{id}", ADMIN, get(filled(REPRICINGS + "/{id}"), ADMIN)))
                .isEqualTo(404);
    }

    private void quotes() {
        for (String model : Set.of("gpt-4o", "nobody's")) {
            String body = "{\"provider\":\"openai\",\"model\":\"" + model + "\",\"tokens\":{\"input_tokens\":9}}";
            assertThat(check("post", "/prices/quotes", TENANT, post("/prices/quotes", TENANT, body)))
                    .isEqualTo(200);
        }
        assertThat(check("post", "/prices/quotes", TENANT, post("/prices/quotes", TENANT, "{}")))
                .isEqualTo(422);
    }

    @Test
    @DisplayName("describes how the API refuses requests")
    void refusals() {
        assertThat(check("get", "/usage", "wrong-key", get("/usage", "wrong-key")))
                .isEqualTo(401);
        assertThat(check("post", "/completions", TENANT, post("/completions", TENANT, "{")))
                .isEqualTo(400);
        assertThat(check("post", "/completions", TENANT, post("/completions", TENANT, "{}")))
                .isEqualTo(422);
        assertThat(check(
                        "post",
                        "/completions",
                        TENANT,
                        post(
                                "/completions",
                                TENANT,
                                "{\"operation\":\"o\",\"user_message\":\"" + "x".repeat(1_048_576))))
                .isEqualTo(413);
        assertThat(check(
                        "post",
                        "/completions",
                        TENANT,
                        Http.send(authorized("/tokentally/api/v1/completions", TENANT)
                                .header("Content-Type", "text/plain")
                                .POST(BodyPublishers.ofString("x")))))
                .isEqualTo(415);
        assertThat(check("get", "/usage/calls", TENANT, get("/usage/calls", TENANT, "Accept", "text/html")))
                .isEqualTo(406);
    }

    @Test
    @DisplayName("shows who may ask: the API answers a tenant's key with 403 exactly where the description has 403")
    void roles() {
        for (String path : served.paths()) {
            for (String verb : Set.of("get", "post", "put", "patch", "delete")) {
                if (!served.has(verb, path)) {
                    continue;
                }
                boolean adminOnly =
                        served.operation(verb, path).getJsonObject("responses").containsKey("403");
                String below = path.substring(API.length());

                HttpResponse<String> answer = Http.send(authorized("/tokentally" + API + filled(below), TENANT)
                        .header("Content-Type", "application/json")
                        .method(
                                verb.toUpperCase(Locale.ROOT),
                                verb.equals("get") ? BodyPublishers.noBody() : BodyPublishers.ofString("{}")));

                assertThat(answer.statusCode() == 403).as(verb + " " + path).isEqualTo(adminOnly);
                if (adminOnly) {
                    check(verb, below, TENANT, answer);
                }
            }
        }
    }

    @Test
    @DisplayName("has exactly the parameters that the API knows, and their limits; the API refuses all others")
    void parameters() {
        for (String path : served.paths()) {
            for (String verb : Set.of("get", "post", "delete")) {
                if (served.has(verb, path)) {
                    assertThat(known(verb, path))
                            .as(verb + " " + path)
                            .containsExactlyInAnyOrderElementsOf(
                                    served.queryParameters(path).keySet());
                }
            }
        }
        JsonObject limit =
                served.queryParameters("/api/v1/usage/calls").get("limit").getJsonObject("schema");
        int minimum = limit.getInt("minimum");
        int maximum = limit.getInt("maximum");
        assertThat(get("/usage/calls?limit=" + minimum, TENANT).statusCode()).isEqualTo(200);
        assertThat(get("/usage/calls?limit=" + maximum, TENANT).statusCode()).isEqualTo(200);
        assertThat(get("/usage/calls?limit=" + (minimum - 1), TENANT).statusCode())
                .isEqualTo(422);
        assertThat(get("/usage/calls?limit=" + (maximum + 1), TENANT).statusCode())
                .isEqualTo(422);
    }

    /** The names of the parameters that the API lists when it refuses another one. */
    private Set<String> known(String verb, String path) {
        String below = path.substring(API.length());
        HttpResponse<String> answer = Http.send(authorized("/tokentally" + API + filled(below) + "?nonsense=1", ADMIN)
                .header("Content-Type", "application/json")
                .method(
                        verb.toUpperCase(Locale.ROOT),
                        verb.equals("get") ? BodyPublishers.noBody() : BodyPublishers.ofString("{}")));

        assertThat(check(verb, below, ADMIN, answer)).isEqualTo(422);
        String detail = Corpus.json(answer.body()).asJsonObject().getString("detail");
        if (detail.equals("unknown parameter nonsense; this request takes none")) {
            return Set.of();
        }
        String start = "unknown parameter nonsense; known are ";
        assertThat(detail).startsWith(start);
        return Set.of(detail.substring(start.length()).split(", "));
    }

    @Test
    @DisplayName(
            "shows which answers a client may keep: the API sends a tag, and 304 for it, exactly where the description has 304")
    void revalidation() {
        for (String path : served.paths()) {
            if (!served.has("get", path)) {
                continue;
            }
            String below = path.substring(API.length());
            // An empty window, in which nothing changes meanwhile.
            String query = served.queryParameters(path).isEmpty()
                    ? ""
                    : "?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"
                            + (served.queryParameters(path).containsKey("bucket") ? "&bucket=day" : "")
                            + (served.queryParameters(path).containsKey("dimension") ? "&dimension=model" : "");
            HttpResponse<String> answer = get(filled(below) + query, ADMIN);
            boolean mayBeKept =
                    served.operation("get", path).getJsonObject("responses").containsKey("304");

            assertThat(answer.headers().firstValue("ETag").isPresent()).as(path).isEqualTo(mayBeKept);
            if (mayBeKept) {
                String tag = answer.headers().firstValue("ETag").orElseThrow();
                assertThat(check("get", below, ADMIN, get(below + query, ADMIN, "If-None-Match", tag)))
                        .isEqualTo(304);
            }
        }
    }

    @Test
    @DisplayName("has the columns of the CSV, which are the fields of a call")
    void csv() {
        HttpResponse<String> answer = get("/usage/calls", TENANT, "Accept", "text/csv");

        assertThat(check("get", "/usage/calls", TENANT, answer)).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"llm-calls.csv\"");
        String header = answer.body().lines().findFirst().orElseThrow();
        assertThat(header.split(","))
                .containsExactlyElementsOf(ApiDocument.shipped().fieldsOf("Call"));
        JsonObject described = served.response("get", "/api/v1/usage/calls", 200)
                .getJsonObject("content")
                .getJsonObject("text/csv");
        assertThat(described.getString("example").lines()).first().isEqualTo(header);
    }

    @Test
    @DisplayName("has examples that match its own schemas")
    void examples() {
        ApiDocument shipped = ApiDocument.shipped();
        int[] examples = {0};
        for (String path : shipped.paths()) {
            for (String verb : Set.of("get", "post", "delete")) {
                if (!shipped.has(verb, path)) {
                    continue;
                }
                JsonObject operation = shipped.operation(verb, path);
                if (operation.containsKey("requestBody")) {
                    examples[0] += checkExamples(path, shipped, operation.getJsonObject("requestBody"));
                }
                for (String status : operation.getJsonObject("responses").keySet()) {
                    examples[0] += checkExamples(
                            path + " " + status, shipped, shipped.response(verb, path, Integer.parseInt(status)));
                }
            }
        }
        assertThat(examples[0]).isPositive();
    }

    private static int checkExamples(String at, ApiDocument document, JsonObject described) {
        if (!described.containsKey("content")) {
            return 0;
        }
        int checked = 0;
        for (JsonValue content : described.getJsonObject("content").values()) {
            JsonObject schema = content.asJsonObject().getJsonObject("schema");
            if (content.asJsonObject().containsKey("example")) {
                document.check(at, schema, content.asJsonObject().get("example"));
                checked++;
            }
            if (content.asJsonObject().containsKey("examples")) {
                for (JsonValue example :
                        content.asJsonObject().getJsonObject("examples").values()) {
                    document.check(at, schema, example.asJsonObject().get("value"));
                    checked++;
                }
            }
        }
        return checked;
    }

    /** Fails if the answer does not match its description, and returns its status. */
    private int check(String verb, String pathAndQuery, String key, HttpResponse<String> answer) {
        String path = API + pathAndQuery.split("\\?")[0];
        String at = verb + " " + pathAndQuery + " " + answer.statusCode() + " by " + key;
        JsonObject response = served.response(verb, path, answer.statusCode());
        for (String header : response.getJsonObject("headers").keySet()) {
            if (!ONLY_WITH_CSV.contains(header)) {
                assertThat(answer.headers().map()).as(at).containsKey(header);
            }
        }
        if (!response.containsKey("content")) {
            assertThat(answer.body()).as(at).isEmpty();
            return answer.statusCode();
        }
        String type = answer.headers().firstValue("Content-Type").orElseThrow().split(";")[0];
        JsonObject content = response.getJsonObject("content");
        assertThat(content.keySet()).as(at).contains(type);
        if (type.endsWith("json")) {
            served.check(at, content.getJsonObject(type).getJsonObject("schema"), Corpus.json(answer.body()));
        }
        if (type.equals("application/problem+json")) {
            assertThat(content.getJsonObject(type).getJsonObject("examples").keySet())
                    .as(at)
                    .contains(((JsonString)
                                    Corpus.json(answer.body()).asJsonObject().get("code"))
                            .getString());
        }
        return answer.statusCode();
    }

    /** Asks with an id that does not exist. */
    private static String filled(String path) {
        return path.replace("{id}", "00000000-0000-4000-8000-000000000000");
    }

    private static HttpResponse<String> complete() {
        return post("/completions", TENANT, "{\"operation\":\"describe\",\"user_message\":\"Say hello.\"}");
    }

    private static HttpResponse<String> get(String path, String key, String... headers) {
        HttpRequest.Builder request = authorized("/tokentally" + API + path, key);
        return Http.send(headers.length == 0 ? request : request.headers(headers));
    }

    private static HttpResponse<String> post(String path, String key, String body) {
        return Http.send(authorized("/tokentally" + API + path, key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    private static HttpRequest.Builder authorized(String path, String key) {
        return HttpRequest.newBuilder(TestServer.current().uri(path)).header("Authorization", "Bearer " + key);
    }
}
