package dev.tokentally.llm;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonBuilderFactory;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonStructure;
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

    static final String BILLED_UNITS = "billed_units";
    static final String TOOL_USAGE = "tool_usage";
    static final String CHOICES = "choices";

    private static final String CACHED_TOKENS = "cached_tokens";

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
            usage = with(CACHED_TOKENS, usage, tokens);
        }
        if (!around.isEmpty() && around.get(0).get(TOOL_USAGE) instanceof JsonStructure) {
            usage = with(TOOL_USAGE, around.get(0), usage);
        }
        return new FoundUsage(usage, List.copyOf(around), billed);
    }

    /** Adds what the provider has beside the counts: Cohere the cached tokens, OpenAI the use of its tools. */
    private static JsonObject with(String name, JsonObject beside, JsonObject usage) {
        if (usage.containsKey(name) || !beside.containsKey(name)) {
            return usage;
        }
        return BUILDERS.createObjectBuilder(usage).add(name, beside.get(name)).build();
    }

    private static JsonObject next(JsonObject object, int depth) {
        if (object.get(BILLED_UNITS) instanceof JsonObject billed) {
            return billed;
        }
        // Ollama's answer has its counts beside a message.
        if (hasCounts(object)) {
            return null;
        }
        for (String name : AnswerPart.usages()) {
            if (object.get(name) instanceof JsonObject usage) {
                return usage;
            }
        }
        for (String name : AnswerPart.carriers()) {
            if (depth > 0 && object.get(name) instanceof JsonObject carrier && next(carrier, depth - 1) != null) {
                return carrier;
            }
        }
        return choice(object);
    }

    /** The first choice if it has a usage object. Moonshot's last event of a stream has it there. */
    private static JsonObject choice(JsonObject object) {
        return object.get(CHOICES) instanceof JsonArray choices
                        && !choices.isEmpty()
                        && choices.get(0) instanceof JsonObject choice
                        && AnswerPart.usages().stream().anyMatch(name -> choice.get(name) instanceof JsonObject)
                ? choice
                : null;
    }

    /** Some servers fill in names with 0, so a 0 does not show that the counts are here. */
    private static boolean hasCounts(JsonObject object) {
        return Stream.of(UsageFields.INPUT, UsageFields.OUTPUT, UsageFields.TOTAL)
                .flatMap(List::stream)
                .filter(name -> !UsageFields.INTERACTIONS.contains(name))
                .anyMatch(name -> object.get(name) instanceof JsonNumber number
                        && !number.toString().equals("0"));
    }
}
