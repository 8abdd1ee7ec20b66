package dev.tokentally.llm;

import jakarta.json.Json;
import jakarta.json.JsonBuilderFactory;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The usage object of an answer.
 *
 * @param usage the object that holds the counts
 * @param around the objects that enclose it, the innermost first
 * @param billedUnits whether it is Cohere's list of what is billed
 */
record FoundUsage(JsonObject usage, List<JsonObject> around, boolean billedUnits) {

    private static final JsonBuilderFactory BUILDERS = Json.createBuilderFactory(Map.of());

    private static final String BILLED_UNITS = "billed_units";
    private static final String CACHED_TOKENS = "cached_tokens";

    private static final List<String> NAMES =
            List.of("usage", "usageMetadata", "usage_metadata", "amazon-bedrock-invocationMetrics");

    /**
     * Parts of an answer, of a stream's event or of a line of a batch's results that may contain a usage object among
     * other things.
     */
    private static final List<String> CARRIERS = List.of(
            "response", "message", "meta", "x_groq", "delta", "metadata", "event", "body", "result", "modelOutput");

    private static final int DEEPEST_CARRIER = 3;

    static FoundUsage in(JsonObject answer) {
        List<JsonObject> around = new ArrayList<>();
        JsonObject usage = answer;
        for (JsonObject next = next(usage, DEEPEST_CARRIER); next != null; next = next(usage, DEEPEST_CARRIER)) {
            around.add(0, usage);
            usage = next;
        }
        boolean billed = !around.isEmpty() && around.get(0).get(BILLED_UNITS) == usage;
        // Cohere's second API has the counts in "tokens", beside "billed_units".
        if (!billed && !hasCounts(usage) && usage.get("tokens") instanceof JsonObject tokens) {
            around.add(0, usage);
            usage = withCachedTokens(tokens, usage);
        }
        return new FoundUsage(usage, List.copyOf(around), billed);
    }

    /** Cohere has the count of cached tokens beside the other counts. */
    private static JsonObject withCachedTokens(JsonObject tokens, JsonObject beside) {
        if (tokens.containsKey(CACHED_TOKENS) || !beside.containsKey(CACHED_TOKENS)) {
            return tokens;
        }
        return BUILDERS.createObjectBuilder(tokens)
                .add(CACHED_TOKENS, beside.get(CACHED_TOKENS))
                .build();
    }

    private static JsonObject next(JsonObject object, int depth) {
        if (object.get(BILLED_UNITS) instanceof JsonObject billed) {
            return billed;
        }
        // Ollama's answer has its counts beside a message.
        if (hasCounts(object)) {
            return null;
        }
        for (String name : NAMES) {
            if (object.get(name) instanceof JsonObject usage) {
                return usage;
            }
        }
        for (String name : CARRIERS) {
            if (depth > 0 && object.get(name) instanceof JsonObject carrier && next(carrier, depth - 1) != null) {
                return carrier;
            }
        }
        return null;
    }

    /** Some servers fill in names with 0, so a 0 does not show that the counts are here. */
    private static boolean hasCounts(JsonObject object) {
        return Stream.of(UsageFields.INPUT, UsageFields.OUTPUT, UsageFields.TOTAL)
                .flatMap(List::stream)
                .anyMatch(name -> object.get(name) instanceof JsonNumber number
                        && !number.toString().equals("0"));
    }
}
