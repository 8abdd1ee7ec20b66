package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Calls, questions and the right answers. {@code -Dtokentally.corpus} names another directory with the same layout. */
record Corpus(Path directory) {

    private static final double TOLERANCE = 1e-6;

    static Corpus ofThisRun() {
        String other = System.getProperty("tokentally.corpus");
        try {
            return new Corpus(
                    other == null ? Path.of(Corpus.class.getResource("/reports").toURI()) : Path.of(other));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    String calls() {
        return text("calls.csv");
    }

    List<JsonObject> cases() {
        return ((JsonArray) json(text("cases.json"))).getValuesAs(JsonObject.class);
    }

    JsonObject expected(JsonObject question) {
        return json(text("expected/" + question.getString("name") + ".json")).asJsonObject();
    }

    static JsonValue json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readValue();
        }
    }

    /**
     * Fails if an answer differs from the right one, except in unpriced_calls, uncertain_calls and calls_kept_from, which the
     * corpus does not have.
     */
    static void compare(String path, JsonValue actual, JsonValue expected) {
        assertThat(actual.getValueType()).as(path).isEqualTo(expected.getValueType());
        if (expected instanceof JsonObject members) {
            Set<String> names = new HashSet<>(actual.asJsonObject().keySet());
            names.remove("unpriced_calls");
            names.remove("uncertain_calls");
            names.remove("calls_kept_from");
            assertThat(names).as(path).isEqualTo(members.keySet());
            members.forEach((name, value) ->
                    compare(path + "." + name, actual.asJsonObject().get(name), value));
        } else if (expected instanceof JsonArray values) {
            assertThat(actual.asJsonArray()).as(path).hasSameSizeAs(values);
            for (int i = 0; i < values.size(); i++) {
                compare(path + "[" + i + "]", actual.asJsonArray().get(i), values.get(i));
            }
        } else if (expected instanceof JsonNumber number) {
            double right = number.doubleValue();
            assertThat(((JsonNumber) actual).doubleValue())
                    .as(path)
                    .isBetween(right - Math.abs(right) * TOLERANCE, right + Math.abs(right) * TOLERANCE);
        } else if (expected instanceof JsonString text) {
            assertThat(((JsonString) actual).getString()).as(path).isEqualTo(text.getString());
        }
    }

    private String text(String file) {
        try {
            return Files.readString(directory.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
