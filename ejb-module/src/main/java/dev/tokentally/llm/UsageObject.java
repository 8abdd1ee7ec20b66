package dev.tokentally.llm;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A provider's usage object, which is asked for counts by their paths, and remembers what in it is no count. */
final class UsageObject {

    /** Of the text; a usage object has a few hundred characters, and a whole answer may be handed over too. */
    static final int MAX_CHARACTERS = 2_000_000;

    /** Below the outermost object. */
    static final int MAX_DEPTH = 64;

    private static final JsonReaderFactory READERS = Json.createReaderFactory(Map.of());

    /** Under which an answer has its usage object; one may be within another. */
    private static final List<String> WRAPPERS = List.of(
            "usage",
            "usageMetadata",
            "usage_metadata",
            "response",
            "message",
            "meta",
            "x_groq",
            "amazon-bedrock-invocationMetrics",
            "billed_units");

    private final JsonObject usage;
    private final List<JsonObject> around;
    private final boolean billedUnits;
    private final List<String> wrong = new ArrayList<>();

    private UsageObject(JsonObject usage, List<JsonObject> around, boolean billedUnits) {
        this.usage = usage;
        this.around = around;
        this.billedUnits = billedUnits;
    }

    /**
     * Reads the text and finds the usage object in it.
     *
     * @throws IllegalArgumentException when it is none; the message says why and holds nothing of the text
     */
    static UsageObject parse(String json) {
        if (json == null) {
            throw new IllegalArgumentException("usage is null");
        }
        if (json.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException("usage has more than " + MAX_CHARACTERS + " characters");
        }
        checkNesting(json);
        JsonValue value;
        try (JsonReader reader = READERS.createReader(new StringReader(json))) {
            value = reader.readValue();
        } catch (JsonException | IllegalStateException | NumberFormatException notJson) {
            throw new IllegalArgumentException("usage is not JSON");
        }
        if (!(value instanceof JsonObject object)) {
            throw new IllegalArgumentException("usage is not a JSON object");
        }
        return within(object);
    }

    /** Before it is parsed, as a parser that calls itself runs out of stack; parsers overlook a second value behind the first. */
    private static void checkNesting(String json) {
        int depth = 0;
        boolean inText = false;
        boolean ended = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (inText) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    inText = false;
                }
                continue;
            }
            if (ended && !Character.isWhitespace(c)) {
                throw new IllegalArgumentException("usage is more than one JSON object");
            }
            switch (c) {
                case '"' -> inText = true;
                case '{', '[' -> {
                    if (++depth > MAX_DEPTH) {
                        throw new IllegalArgumentException("usage is nested more than " + MAX_DEPTH + " deep");
                    }
                }
                case '}', ']' -> ended = --depth <= 0;
                default -> {
                    // Part of a number, a name or a literal.
                }
            }
        }
    }

    private static UsageObject within(JsonObject answer) {
        JsonObject usage = answer;
        List<JsonObject> around = new ArrayList<>();
        boolean billedUnits = false;
        for (String wrapper = wrapperOf(usage); wrapper != null; wrapper = wrapperOf(usage)) {
            around.add(0, usage);
            billedUnits |= wrapper.equals("billed_units");
            usage = usage.getJsonObject(wrapper);
        }
        // Cohere's second API has what was counted beside what is billed.
        if (!billedUnits && usage.get("tokens") instanceof JsonObject tokens) {
            around.add(0, usage);
            usage = tokens;
        }
        return new UsageObject(usage, around, billedUnits);
    }

    private static String wrapperOf(JsonObject object) {
        for (String wrapper : WRAPPERS) {
            if (object.get(wrapper) instanceof JsonObject) {
                return wrapper;
            }
        }
        return null;
    }

    /** Whether it lists what is billed, so that what it does not list is not billed. */
    boolean isBilledUnits() {
        return billedUnits;
    }

    /** What is no count where one belongs, in words; names are those of the paths. */
    List<String> wrong() {
        return wrong;
    }

    /** Whether anything stands under the path. */
    boolean has(String path) {
        return find(usage, path) != null;
    }

    /** The first of the paths under which a count stands. */
    OptionalLong count(List<String> paths) {
        for (String path : paths) {
            OptionalLong count = count(path);
            if (count.isPresent()) {
                return count;
            }
        }
        return OptionalLong.empty();
    }

    /** The count under a path such as {@code prompt_tokens_details.cached_tokens}, or {@code promptTokensDetails[AUDIO]}. */
    OptionalLong count(String path) {
        int bracket = path.indexOf('[');
        if (bracket < 0) {
            return count(path, find(usage, path));
        }
        String modality = path.substring(bracket + 1, path.length() - 1);
        if (!(find(usage, path.substring(0, bracket)) instanceof JsonArray details)) {
            return OptionalLong.empty();
        }
        OptionalLong sum = OptionalLong.empty();
        for (JsonValue each : details) {
            if (each instanceof JsonObject detail && modality.equalsIgnoreCase(text(detail, "modality"))) {
                JsonValue told =
                        detail.containsKey("tokenCount") ? detail.get("tokenCount") : detail.get("token_count");
                OptionalLong count = count(path, told);
                if (count.isPresent()) {
                    sum = OptionalLong.of(plus(sum.orElse(0), count.getAsLong()));
                }
            }
        }
        return sum;
    }

    private OptionalLong count(String path, JsonValue told) {
        if (told == null || told == JsonValue.NULL) {
            return OptionalLong.empty();
        }
        if (!(told instanceof JsonNumber number)) {
            wrong.add(path + " is no number");
            return OptionalLong.empty();
        }
        BigDecimal value = number.bigDecimalValue();
        if (value.signum() < 0) {
            wrong.add(path + " is negative");
            return OptionalLong.of(0);
        }
        // Compared by its digits: to write out 1e999999999 would take all memory.
        if (value.signum() > 0 && (long) value.precision() - value.scale() > 19
                || value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            wrong.add(path + " is larger than can be counted");
            return OptionalLong.of(Long.MAX_VALUE);
        }
        if (value.signum() > 0
                && (value.precision() - value.scale() < 1
                        || value.stripTrailingZeros().scale() > 0)) {
            wrong.add(path + " is not a whole number");
            return OptionalLong.of(value.longValue());
        }
        return OptionalLong.of(value.longValue());
    }

    /** A sum that stops at the largest number. */
    static long plus(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /** The objects of a list. */
    List<UsageObject> objects(String path) {
        List<UsageObject> objects = new ArrayList<>();
        if (find(usage, path) instanceof JsonArray list) {
            for (JsonValue each : list) {
                if (each instanceof JsonObject object) {
                    objects.add(new UsageObject(object, List.of(), false));
                }
            }
        }
        return objects;
    }

    /** The text under a path, in the usage object or, where it is not there, around it; empty where there is none. */
    String text(String path) {
        String text = text(usage, path);
        for (int i = 0; text.isEmpty() && i < around.size(); i++) {
            text = text(around.get(i), path);
        }
        return text;
    }

    boolean isTrue(String path) {
        return find(usage, path) == JsonValue.TRUE;
    }

    /** A number that may have a fraction; null where there is none. */
    Double number(String path) {
        return find(usage, path) instanceof JsonNumber number ? (Double) number.doubleValue() : null;
    }

    private static String text(JsonObject in, String path) {
        return find(in, path) instanceof JsonString text ? text.getString() : "";
    }

    private static JsonValue find(JsonObject in, String path) {
        JsonValue at = in;
        for (String name : path.split("\\.")) {
            if (!(at instanceof JsonObject object)) {
                return null;
            }
            at = object.get(name);
        }
        return at;
    }
}
