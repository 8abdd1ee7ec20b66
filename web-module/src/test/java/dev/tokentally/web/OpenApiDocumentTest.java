package dev.tokentally.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tokentally.config.RecordingMode;
import dev.tokentally.config.UserNames;
import dev.tokentally.pricing.RepricingState;
import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.Dimension;
import dev.tokentally.web.http.TakesQuery;
import dev.tokentally.web.problem.Problem;
import dev.tokentally.web.problem.ProblemKind;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonStructure;
import jakarta.json.JsonValue;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.Produces;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** OpenApiIT compares real answers of the servers with the document. */
@DisplayName("The API description in openapi.yaml")
class OpenApiDocumentTest {

    private static final JsonObject DOCUMENT = document();

    private static final String START =
            "/" + ApiApplication.class.getAnnotation(ApplicationPath.class).value();

    /** Objects with these names must have descriptions for all their members. */
    private static final Set<String> DESCRIBED =
            Set.of("properties", "parameters", "headers", "responses", "schemas", "securitySchemes");

    private static JsonObject document() {
        try (InputStream yaml = ApiApplication.class.getResourceAsStream("/META-INF/openapi.yaml")) {
            Map<String, Object> document = new Yaml().load(yaml);
            return Json.createObjectBuilder(document).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName("has exactly the operations of the resources, with the types that they read and write")
    void operations() {
        Map<String, Set<String>> described = new TreeMap<>();
        operations((name, operation) -> {
            Set<String> types = new TreeSet<>();
            if (operation.containsKey("requestBody")) {
                types(operation.getJsonObject("requestBody")).forEach(type -> types.add("reads " + type));
            }
            operation.getJsonObject("responses").forEach((status, response) -> {
                if (status.startsWith("2")) {
                    types(resolved(response)).forEach(type -> types.add("writes " + type));
                }
            });
            described.put(name, types);
        });

        assertThat(described).isEqualTo(operationsOfResources()).isNotEmpty();
    }

    @Test
    @DisplayName("has query parameters exactly where a resource reads them")
    void queries() {
        Set<String> described = new TreeSet<>();
        DOCUMENT.getJsonObject("paths").forEach((path, item) -> item.asJsonObject().getJsonArray("parameters").stream()
                .filter(parameter -> resolved(parameter).getString("in").equals("query"))
                .forEach(parameter -> described.add("GET " + path)));

        assertThat(ResourceMethod.all().stream()
                        .filter(method -> method.has(TakesQuery.class))
                        .map(method -> method.name(START)))
                .containsAll(described)
                .allMatch(described::contains)
                .isNotEmpty();
    }

    @Test
    @DisplayName("has each kind of problem as the API sends it, with its status")
    void problems() {
        Map<String, JsonObject> told = new HashMap<>();
        for (ProblemKind kind : ProblemKind.values()) {
            JsonObject problem = json(new Problem(kind, "some detail").json());
            told.put(problem.getString("code"), problem);
        }
        Map<String, JsonObject> described = new HashMap<>();
        object("/components/responses").values().forEach(response -> described.putAll(problems(response)));

        assertThat(described.keySet()).isEqualTo(told.keySet());
        described.forEach((code, problem) -> {
            assertThat(problem.keySet()).as(code).isEqualTo(told.get(code).keySet());
            for (String member : List.of("type", "title", "status", "code")) {
                assertThat(problem.get(member))
                        .as(code)
                        .isEqualTo(told.get(code).get(member));
            }
        });
        assertThat(texts(object("/components/schemas/Problem/properties/code").getJsonArray("enum")))
                .containsExactlyElementsOf(Stream.of(ProblemKind.values())
                        .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                        .toList());
        operations((name, operation) -> operation.getJsonObject("responses").forEach((status, response) -> {
            Map<String, JsonObject> problems = problems(response);
            assertThat(problems.isEmpty()).as(name + " " + status).isEqualTo(Integer.parseInt(status) < 400);
            problems.forEach((code, problem) -> {
                assertThat(problem.getInt("status")).as(name + " " + code).isEqualTo(Integer.parseInt(status));
                assertThat(resolved(response).getString("description"))
                        .as(name + " " + status)
                        .contains("`" + code + "`");
            });
        }));
    }

    @Test
    @DisplayName("describes each operation, parameter, header, response and field")
    void descriptions() {
        List<String> undescribed = new ArrayList<>();
        walk("", DOCUMENT, (at, value) -> {
            String[] names = at.split("/");
            boolean wanted = names.length > 2 && DESCRIBED.contains(names[names.length - 2]);
            if (wanted && !value.containsKey("$ref") && isBlank(value, "description")) {
                undescribed.add(at);
            }
        });
        List<String> ids = new ArrayList<>();
        operations((name, operation) -> {
            ids.add(operation.getString("operationId"));
            if (isBlank(operation, "summary") || isBlank(operation, "description")) {
                undescribed.add(name);
            }
        });

        assertThat(undescribed).isEmpty();
        assertThat(ids).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("marks every field as always present, except the optional ones")
    void required() {
        Set<String> optional = new TreeSet<>();
        object("/components/schemas").forEach((name, schema) -> {
            JsonObject properties = schema.asJsonObject().getJsonObject("properties");
            Set<String> fields = new TreeSet<>(properties == null ? Set.of() : properties.keySet());
            JsonArray required = schema.asJsonObject().getJsonArray("required");
            List<String> promised = required == null ? List.of() : texts(required);
            assertThat(fields).as(name).containsAll(promised);
            promised.forEach(fields::remove);
            fields.forEach(field -> optional.add(name + "." + field));
        });

        assertThat(optional)
                .containsExactlyInAnyOrder(
                        "CompletionRequest.system_message",
                        "QuoteRequest.provider",
                        "QuoteRequest.kind",
                        "QuoteRequest.at",
                        "QuoteRequest.service_tier",
                        "QuoteRequest.usage",
                        "QuoteRequest.tokens",
                        "QuoteRequest.usage_doubts",
                        "RepricingRequest.from",
                        "RepricingRequest.to",
                        "RepricingRequest.dry_run",
                        "SeriesBucket.groups",
                        "SeriesGroup.tenant_id",
                        "SeriesGroup.operation",
                        "SeriesGroup.model",
                        "SeriesGroup.provider",
                        "SeriesGroup.kind",
                        "SeriesGroup.requested_model",
                        "SeriesGroup.user",
                        "SeriesGroup.session",
                        "SeriesGroup.environment",
                        "SeriesGroup.tag");
    }

    @Test
    @DisplayName("refers only to definitions that exist, and has no unused definition")
    void references() {
        Set<String> used = new TreeSet<>();
        walk("", DOCUMENT, (at, value) -> {
            if (value.containsKey("$ref")) {
                used.add(value.getString("$ref"));
            }
        });
        Set<String> there = new TreeSet<>();
        for (String kind : List.of("parameters", "headers", "responses", "schemas")) {
            object("/components/" + kind).keySet().forEach(name -> there.add("#/components/" + kind + "/" + name));
        }

        // This is the answer for methods that do not exist, which are not described.
        used.add("#/components/responses/MethodNotAllowed");
        assertThat(used).isEqualTo(there);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("lists the values that a field may have")
    @MethodSource
    void choices(String at, List<String> labels) {
        assertThat(texts(object(at).getJsonArray("enum"))).containsExactlyElementsOf(labels);
    }

    static Stream<Arguments> choices() {
        List<String> buckets = Arrays.stream(Bucket.values()).map(Bucket::label).toList();
        List<String> statuses =
                Arrays.stream(CallStatus.values()).map(CallStatus::label).toList();
        return Stream.of(
                arguments("/components/parameters/Bucket/schema", buckets),
                arguments("/components/schemas/Series/properties/bucket", buckets),
                arguments(
                        "/components/parameters/GroupOfAll/schema/anyOf/0",
                        Dimension.ALL.stream().map(Dimension::label).toList()),
                arguments("/components/parameters/Status/schema", statuses),
                arguments("/components/schemas/Call/properties/status", statuses),
                arguments(
                        "/components/schemas/Call/properties/cost_source",
                        Arrays.stream(CostSource.values())
                                .map(CostSource::label)
                                .toList()),
                arguments(
                        "/components/schemas/Dashboard/properties/users",
                        Arrays.stream(UserNames.values()).map(UserNames::label).toList()),
                arguments(
                        "/components/schemas/Recording/properties/mode",
                        Arrays.stream(RecordingMode.values())
                                .map(RecordingMode::label)
                                .toList()),
                arguments(
                        "/components/schemas/Repricing/properties/state",
                        Arrays.stream(RepricingState.values())
                                .map(RepricingState::label)
                                .toList()));
    }

    @ParameterizedTest
    @DisplayName("knows the longest text of each field")
    @CsvSource({
        "CompletionRequest, operation, " + CallRecord.OPERATION_LENGTH,
        "NewKeyRequest, tenant, " + CallRecord.TENANT_LENGTH,
        "QuoteRequest, provider, " + CallRecord.PROVIDER_LENGTH,
        "QuoteRequest, model, " + CallRecord.MODEL_LENGTH,
        "QuoteRequest, kind, " + CallRecord.KIND_LENGTH,
        "QuoteRequest, service_tier, " + CallRecord.SERVICE_TIER_LENGTH,
        "Call, tenant_id, " + CallRecord.TENANT_LENGTH,
        "Call, operation, " + CallRecord.OPERATION_LENGTH,
        "Call, provider, " + CallRecord.PROVIDER_LENGTH,
        "Call, model, " + CallRecord.MODEL_LENGTH,
        "Call, kind, " + CallRecord.KIND_LENGTH,
        "Call, error_class, " + CallRecord.ERROR_CLASS_LENGTH,
        "Call, user_id, " + CallOrigin.USER_LENGTH,
        "Call, session_id, " + CallOrigin.SESSION_LENGTH,
        "Call, environment, " + CallOrigin.ENVIRONMENT_LENGTH,
        "Call, trace_id, " + CallLinks.TRACE_LENGTH,
        "Call, span_id, " + CallLinks.SPAN_LENGTH,
        "Call, response_id, " + CallLinks.RESPONSE_LENGTH,
        "Call, requested_model, " + CallRecord.MODEL_LENGTH
    })
    void lengths(String schema, String field, int length) {
        assertThat(object("/components/schemas/" + schema + "/properties/" + field)
                        .getInt("maxLength"))
                .isEqualTo(length);
    }

    private static Map<String, Set<String>> operationsOfResources() {
        Map<String, Set<String>> operations = new TreeMap<>();
        ResourceMethod.all().forEach(each -> operations
                .computeIfAbsent(each.name(START), first -> new TreeSet<>())
                .addAll(types(each.method())));
        return operations;
    }

    private static Set<String> types(Method method) {
        Set<String> types = new TreeSet<>();
        Consumes reads = method.getAnnotation(Consumes.class);
        if (reads != null) {
            Stream.of(reads.value()).forEach(type -> types.add("reads " + type));
        }
        Produces writes = method.getAnnotation(Produces.class);
        if (writes != null) {
            // Without the weight by which the server chooses.
            Stream.of(writes.value()).forEach(type -> types.add("writes " + type.split(";")[0]));
        }
        return types;
    }

    /** Takes each operation with its name, such as {@code GET /api/v1/usage}. */
    private static void operations(BiConsumer<String, JsonObject> visitor) {
        DOCUMENT.getJsonObject("paths")
                .forEach((path, item) -> item.asJsonObject().forEach((verb, operation) -> {
                    if (!verb.equals("parameters")) {
                        visitor.accept(verb.toUpperCase(Locale.ROOT) + " " + path, operation.asJsonObject());
                    }
                }));
    }

    /** The problems that a response may have, by their code. */
    private static Map<String, JsonObject> problems(JsonValue response) {
        JsonObject content = resolved(response).getJsonObject("content");
        if (content == null || !content.containsKey(Problem.MEDIA_TYPE)) {
            return Map.of();
        }
        return content.getJsonObject(Problem.MEDIA_TYPE).getJsonObject("examples").entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        example -> example.getValue().asJsonObject().getJsonObject("value")));
    }

    private static Set<String> types(JsonObject described) {
        return described.containsKey("content")
                ? described.getJsonObject("content").keySet()
                : Set.of();
    }

    private static JsonObject resolved(JsonValue value) {
        JsonObject object = value.asJsonObject();
        return object.containsKey("$ref") ? object(object.getString("$ref").substring(1)) : object;
    }

    private static JsonObject object(String pointer) {
        return DOCUMENT.getValue(pointer).asJsonObject();
    }

    /** Visits each object with its place, except those that belong to an example. */
    private static void walk(String at, JsonStructure structure, BiConsumer<String, JsonObject> visitor) {
        if (structure instanceof JsonObject object) {
            visitor.accept(at, object);
            object.forEach((name, value) -> {
                if (value instanceof JsonStructure below && !name.startsWith("example")) {
                    walk(at + "/" + name.replace("/", "~1"), below, visitor);
                }
            });
        } else {
            structure.asJsonArray().forEach(value -> {
                if (value instanceof JsonStructure below) {
                    walk(at + "/[]", below, visitor);
                }
            });
        }
    }

    private static boolean isBlank(JsonObject object, String member) {
        return object.getString(member, "").isBlank();
    }

    private static List<String> texts(JsonArray array) {
        return array.getValuesAs(JsonString.class).stream()
                .map(JsonString::getString)
                .toList();
    }

    private static JsonObject json(byte[] body) {
        try (JsonReader reader = Json.createReader(new ByteArrayInputStream(body))) {
            return reader.readObject();
        }
    }
}
