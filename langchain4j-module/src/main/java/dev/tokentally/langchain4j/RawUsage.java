package dev.tokentally.langchain4j;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a provider's answer says about usage, before LangChain4j reads it. It is the usage object as the provider sent it, with the
 * service tier of the answer if the answer has it beside that object.
 *
 * @param usage JSON, an object; null if the answer has none. If it has a name twice, it is as the provider sent it, since it is not
 *     known which value counts
 * @param blocked whether Gemini gave no answer because it blocked the prompt
 */
record RawUsage(String usage, boolean blocked) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory FACTORY = JSON.getFactory();

    /** Refuses a name that occurs twice in one object. */
    private static final ObjectReader STRICT = JSON.reader().with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    /** The names that providers give the usage object. */
    private static final Set<String> USAGES = Set.of("usage", "usageMetadata", "usage_metadata");

    private static final Set<String> TIERS = Set.of("service_tier", "serviceTier");

    /** The objects that contain it: an event of OpenAI's Responses API, Anthropic's first event, and Groq's last one. */
    private static final Set<String> AROUND = Set.of("response", "message", "x_groq");

    /** In these events Anthropic sends the counts that its first event did not have. */
    private static final String DELTA = "message_delta";

    /**
     * Reads an ordinary answer.
     *
     * @param body of the HTTP response; may be null
     * @return empty if the answer has no usage object, or is not JSON
     */
    static Optional<RawUsage> ofBody(String body) {
        return Optional.ofNullable(read(body)).flatMap(Found::result);
    }

    /**
     * Reads a streamed answer. The last event about usage counts. Anthropic gives a part in its first event.
     *
     * @param events the data of the events, in their order; entries may be null
     * @return empty if no event has a usage object
     */
    static Optional<RawUsage> ofEvents(List<String> events) {
        Found all = new Found();
        for (int i = events.size() - 1; i >= 0; i--) {
            String event = events.get(i);
            if (!mayTell(event)) {
                continue;
            }
            all.addEarlier(read(event));
            if (all.usage != null && !all.hasEarlier) {
                break;
            }
        }
        return all.result();
    }

    /** Most events are parts of the text, and it is cheap to look for the word first. */
    static boolean mayTell(String event) {
        return event != null
                && (event.contains("usage") || event.contains("service_tier") || event.contains("blockReason"));
    }

    /** Null if it is no object. */
    private static Found read(String json) {
        if (json == null) {
            return null;
        }
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            Found found = new Found();
            readObject(parser, found, true);
            return found;
        } catch (IOException | RuntimeException notJson) {
            return null;
        }
    }

    private static void readObject(JsonParser parser, Found found, boolean outermost) throws IOException {
        Set<String> usages = new HashSet<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            boolean isSecond = USAGES.contains(name) && !usages.add(name);
            if (USAGES.contains(name) && value == JsonToken.START_OBJECT) {
                readUsage(copy(parser), isSecond, found);
            } else if (TIERS.contains(name) && value == JsonToken.VALUE_STRING) {
                found.tier = parser.getText();
            } else if (name.equals("type") && outermost && value == JsonToken.VALUE_STRING) {
                found.hasEarlier = parser.getText().equals(DELTA);
            } else if (name.equals("candidates") && value == JsonToken.START_ARRAY) {
                found.answered = parser.nextToken() != JsonToken.END_ARRAY;
                skipRest(parser);
            } else if (name.equals("promptFeedback") && value == JsonToken.START_OBJECT) {
                found.refused = JSON.<JsonNode>readTree(parser).hasNonNull("blockReason");
            } else if (AROUND.contains(name) && outermost && value == JsonToken.START_OBJECT) {
                readObject(parser, found, false);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static void readUsage(String usage, boolean isSecond, Found found) throws IOException {
        if (isSecond) {
            found.twice = "{\"usage\":" + found.usage + ",\"usage\":" + usage + "}";
        }
        try {
            found.usage = STRICT.readTree(usage);
        } catch (MismatchedInputException twice) {
            found.twice = usage;
            found.usage = JSON.readTree(usage);
        }
    }

    private static String copy(JsonParser parser) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(text)) {
            generator.copyCurrentStructure(parser);
        }
        return text.toString();
    }

    /** From within an array to its end. */
    private static void skipRest(JsonParser parser) throws IOException {
        while (parser.currentToken() != JsonToken.END_ARRAY) {
            parser.skipChildren();
            parser.nextToken();
        }
    }

    /** What was found in one answer or event. */
    private static final class Found {

        private JsonNode usage;
        private String twice;
        private String tier;
        private boolean hasEarlier;
        private boolean answered;
        private boolean refused;

        /** A later value replaces an earlier one, unless it is null. */
        void addEarlier(Found earlier) {
            if (earlier == null) {
                return;
            }
            answered |= earlier.answered;
            refused |= earlier.refused;
            tier = tier == null ? earlier.tier : tier;
            twice = twice == null ? earlier.twice : twice;
            if (earlier.usage == null) {
                return;
            }
            if (usage == null) {
                usage = earlier.usage;
            } else {
                ObjectNode merged = (ObjectNode) earlier.usage;
                usage.properties().stream()
                        .filter(told -> !told.getValue().isNull())
                        .forEach(told -> merged.set(told.getKey(), told.getValue()));
                usage = merged;
            }
            hasEarlier = earlier.hasEarlier;
        }

        Optional<RawUsage> result() {
            boolean blocked = refused && !answered;
            if (usage == null) {
                return blocked ? Optional.of(new RawUsage(null, true)) : Optional.empty();
            }
            if (twice != null) {
                return Optional.of(new RawUsage(twice, blocked));
            }
            if (tier != null && TIERS.stream().noneMatch(usage::hasNonNull)) {
                ((ObjectNode) usage).put("service_tier", tier);
            }
            return Optional.of(new RawUsage(usage.toString(), blocked));
        }
    }
}
