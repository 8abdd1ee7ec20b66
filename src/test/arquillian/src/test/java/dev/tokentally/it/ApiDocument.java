package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.zip.ZipFile;
import org.yaml.snakeyaml.Yaml;

/**
 * A description of the API. It says what an answer must contain, and remembers which of the described fields it has seen.
 */
final class ApiDocument {

    private final JsonObject document;
    private final String contextRoot;
    private final Set<String> met = new TreeSet<>();

    private ApiDocument(JsonObject document, String contextRoot) {
        this.document = document;
        this.contextRoot = contextRoot;
    }

    /** The description in the product's files. */
    static ApiDocument shipped() {
        try (ZipFile war = new ZipFile(
                        Settings.productDirectory().resolve("tokentally.war").toFile());
                InputStream yaml = war.getInputStream(war.getEntry("WEB-INF/classes/META-INF/openapi.yaml"))) {
            Map<String, Object> document = new Yaml().load(yaml);
            return new ApiDocument(Json.createObjectBuilder(document).build(), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The description as the server of this run serves it. WildFly puts the context root before each path. */
    static ApiDocument served() {
        HttpResponse<String> answer = ask("application/json");
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
        return new ApiDocument(
                Corpus.json(answer.body()).asJsonObject(),
                TestServer.current() == TestServer.WILDFLY ? "/tokentally" : "");
    }

    /** Asks without a key. */
    static HttpResponse<String> ask(String accept) {
        HttpResponse<String> answer = Http.send(
                HttpRequest.newBuilder(TestServer.current().uri("/openapi")).header("Accept", accept));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    JsonObject json() {
        return document;
    }

    /** The paths as they are in the file. */
    Set<String> paths() {
        Set<String> paths = new TreeSet<>();
        document.getJsonObject("paths").keySet().forEach(path -> {
            assertThat(path).startsWith(contextRoot + "/api/v1/");
            paths.add(path.substring(contextRoot.length()));
        });
        return paths;
    }

    /** Says whether the API has such an operation. */
    boolean has(String verb, String path) {
        return item(path).containsKey(verb);
    }

    JsonObject operation(String verb, String path) {
        return item(path).getJsonObject(verb);
    }

    /** The parameters that the query may have, by name. */
    Map<String, JsonObject> queryParameters(String path) {
        Map<String, JsonObject> parameters = new LinkedHashMap<>();
        for (JsonValue each : item(path).getJsonArray("parameters")) {
            JsonObject parameter = resolved(each.asJsonObject());
            if (parameter.getString("in").equals("query")) {
                parameters.put(parameter.getString("name"), parameter);
            }
        }
        return parameters;
    }

    /** Returns the description of an answer with this status; fails if there is none. */
    JsonObject response(String verb, String path, int status) {
        JsonObject responses = operation(verb, path).getJsonObject("responses");
        assertThat(responses.keySet()).as(verb + " " + path).contains(Integer.toString(status));
        return resolved(responses.getJsonObject(Integer.toString(status)));
    }

    /** Fails if a value does not match a schema exactly: it may have no other field and no other type. */
    void check(String at, JsonObject schema, JsonValue value) {
        check(at, nameOf(schema), resolved(schema), value);
    }

    /** The fields that answers had so far, such as {@code Call.model}. */
    Set<String> met() {
        return met;
    }

    /** All fields of all schemas. */
    Set<String> fields() {
        Set<String> fields = new TreeSet<>();
        schemas().forEach((name, schema) -> fieldsOf(name).forEach(field -> fields.add(name + "." + field)));
        return fields;
    }

    /** The schema's own fields, in order. */
    Set<String> fieldsOf(String schema) {
        JsonObject properties = schemas().getJsonObject(schema).getJsonObject("properties");
        return properties == null ? Set.of() : new LinkedHashSet<>(properties.keySet());
    }

    private JsonObject schemas() {
        return document.getJsonObject("components").getJsonObject("schemas");
    }

    private JsonObject item(String path) {
        return document.getJsonObject("paths").getJsonObject(contextRoot + path);
    }

    private void check(String at, String name, JsonObject schema, JsonValue value) {
        if (value == JsonValue.NULL) {
            assertThat(schema.getBoolean("nullable", false))
                    .as(at + " may be null")
                    .isTrue();
        } else if (value instanceof JsonObject object) {
            checkMembers(at, name, schema, object);
        } else if (value instanceof JsonArray array) {
            assertThat(schema.getString("type")).as(at).isEqualTo("array");
            for (int i = 0; i < array.size(); i++) {
                check(at + "[" + i + "]", schema.getJsonObject("items"), array.get(i));
            }
        } else if (value instanceof JsonNumber number) {
            assertThat(schema.getString("type")).as(at).isIn(number.isIntegral() ? "integer" : "number", "number");
        } else if (value == JsonValue.TRUE || value == JsonValue.FALSE) {
            assertThat(schema.getString("type")).as(at).isEqualTo("boolean");
        } else {
            assertThat(schema.getString("type")).as(at).isEqualTo("string");
            checkText(at, schema, ((JsonString) value).getString());
        }
    }

    private void checkMembers(String at, String name, JsonObject schema, JsonObject object) {
        Map<String, Field> fields = new LinkedHashMap<>();
        Set<String> required = new TreeSet<>();
        collect(name, schema, fields, required);
        assertThat(object.keySet()).as(at).containsAll(required);
        object.forEach((member, value) -> {
            if (schema.get("additionalProperties") instanceof JsonObject others && !fields.containsKey(member)) {
                check(at + "." + member, others, value);
                return;
            }
            assertThat(fields.keySet()).as(at).contains(member);
            Field field = fields.get(member);
            met.add(field.schema() + "." + member);
            check(at + "." + member, field.is(), value);
        });
    }

    private void collect(String name, JsonObject schema, Map<String, Field> fields, Set<String> required) {
        if (schema.containsKey("allOf")) {
            for (JsonValue part : schema.getJsonArray("allOf")) {
                collect(nameOf(part.asJsonObject()), resolved(part.asJsonObject()), fields, required);
            }
        }
        if (schema.containsKey("required")) {
            schema.getJsonArray("required").forEach(each -> required.add(((JsonString) each).getString()));
        }
        if (schema.containsKey("properties")) {
            schema.getJsonObject("properties")
                    .forEach((field, is) -> fields.put(field, new Field(name, is.asJsonObject())));
        }
    }

    private static void checkText(String at, JsonObject schema, String text) {
        if (schema.containsKey("enum")) {
            assertThat(schema.getJsonArray("enum").getValuesAs(JsonString.class))
                    .as(at)
                    .extracting(JsonString::getString)
                    .contains(text);
        }
        if (schema.containsKey("maxLength")) {
            assertThat(text).as(at).hasSizeLessThanOrEqualTo(schema.getInt("maxLength"));
        }
        switch (schema.getString("format", "")) {
            case "date-time" -> assertThat(OffsetDateTime.parse(text)).as(at).isNotNull();
            case "uuid" -> assertThat(UUID.fromString(text)).as(at).hasToString(text);
            default -> {}
        }
    }

    private JsonObject resolved(JsonObject object) {
        return object.containsKey("$ref")
                ? document.getValue(object.getString("$ref").substring(1)).asJsonObject()
                : object;
    }

    private static String nameOf(JsonObject reference) {
        List<String> parts = List.of(reference.getString("$ref", "").split("/"));
        return parts.get(parts.size() - 1);
    }

    /**
     * A described field.
     *
     * @param schema the schema that has it
     * @param is the field's own schema
     */
    private record Field(String schema, JsonObject is) {}
}
