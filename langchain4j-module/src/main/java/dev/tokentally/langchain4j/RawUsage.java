package dev.tokentally.langchain4j;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokentally.llm.AnswerPart;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Predicate;

/**
 * What a provider's answer says about usage, before LangChain4j reads it. It is the answer without the parts that
 * {@link dev.tokentally.llm.UsagePayload} does not read. So it is short, and it is priced as the whole answer would be.
 *
 * @param usage JSON, an object that contains the usage object; null if the answer has none. If it has a name twice, it is as the
 *     provider sent it, since it is not known which value counts
 * @param blocked whether Gemini gave no answer because it blocked the prompt
 */
record RawUsage(String usage, boolean blocked) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory FACTORY = JSON.getFactory();

    /** Refuses a name that occurs twice in one object. */
    private static final ObjectReader STRICT = JSON.reader()
            .with(
                    DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY,
                    DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

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
        Found all = new Found("");
        for (int i = events.size() - 1; i >= 0; i--) {
            String event = events.get(i);
            if (!mayTell(event)) {
                continue;
            }
            all.addEarlier(read(event));
            if (all.hasUsage && !all.hasEarlier) {
                break;
            }
        }
        return all.result();
    }

    /** Most events are parts of the text, and it is cheap to look for the words first. */
    static boolean mayTell(String event) {
        return event != null
                && (event.contains("usage")
                        || event.contains("service_tier")
                        || event.contains("blockReason")
                        || event.contains("billed_units")
                        || event.contains("invocationMetrics"));
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
            Found found = new Found(json);
            found.answer = found.readObject(parser, true);
            return found;
        } catch (IOException | RuntimeException notJson) {
            return null;
        }
    }

    /** What was found in one answer or event. */
    private static final class Found {

        private final String json;

        /** The parts that are read, as an object; empty if there is none. */
        private String answer = "";

        private boolean hasUsage;
        private boolean hasEarlier;
        private boolean answered;
        private boolean refused;

        Found(String json) {
            this.json = json;
        }

        /** From within an object to its end. */
        private String readObject(JsonParser parser, boolean outermost) throws IOException {
            StringJoiner parts = new StringJoiner(",", "{", "}").setEmptyValue("");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                String part = readPart(parser, AnswerPart.of(name), value);
                if (!part.isEmpty()) {
                    parts.add("\"" + name + "\":" + part);
                } else if (name.equals("type") && outermost && value == JsonToken.VALUE_STRING) {
                    hasEarlier = parser.getText().equals(DELTA);
                } else if (name.equals("candidates") && value == JsonToken.START_ARRAY) {
                    answered = parser.nextToken() != JsonToken.END_ARRAY;
                    skipRest(parser);
                } else if (name.equals("promptFeedback") && value == JsonToken.START_OBJECT) {
                    refused = JSON.<JsonNode>readTree(parser).hasNonNull("blockReason");
                } else {
                    parser.skipChildren();
                }
            }
            return parts.toString();
        }

        /** Empty if it holds nothing that is read. */
        private String readPart(JsonParser parser, AnswerPart part, JsonToken value) throws IOException {
            boolean isObject = value == JsonToken.START_OBJECT;
            if (part == AnswerPart.USAGE && isObject) {
                hasUsage = true;
                return copy(parser);
            }
            if (part == AnswerPart.BESIDE) {
                return copy(parser);
            }
            if (part == AnswerPart.CARRIER && isObject) {
                return readObject(parser, false);
            }
            if (part == AnswerPart.LIST && value == JsonToken.START_ARRAY) {
                String first = parser.nextToken() == JsonToken.START_OBJECT ? readObject(parser, false) : "";
                if (parser.currentToken() != JsonToken.END_ARRAY) {
                    skipRest(parser);
                }
                return first.isEmpty() ? "" : "[" + first + "]";
            }
            return "";
        }

        /** The value as the provider wrote it. With the Jackson of a server (2.20 on WildFly), a generator may change its numbers. */
        private String copy(JsonParser parser) throws IOException {
            int from = (int) parser.currentTokenLocation().getCharOffset();
            parser.skipChildren();
            // Otherwise a text would not be read to its end.
            parser.finishToken();
            return json.substring(from, (int) parser.currentLocation().getCharOffset());
        }

        /** From within an array to its end. */
        private static void skipRest(JsonParser parser) throws IOException {
            while (parser.currentToken() != JsonToken.END_ARRAY) {
                parser.skipChildren();
                parser.nextToken();
            }
        }

        void addEarlier(Found earlier) {
            if (earlier == null) {
                return;
            }
            answered |= earlier.answered;
            refused |= earlier.refused;
            answer = merged(earlier.answer, answer);
            if (earlier.hasUsage) {
                hasUsage = true;
                hasEarlier = earlier.hasEarlier;
            }
        }

        /** A later value replaces an earlier one, unless it is null. If one of the two cannot be read, it is the result. */
        private static String merged(String earlier, String later) {
            if (earlier.isEmpty() || later.isEmpty()) {
                return earlier + later;
            }
            JsonNode first = tree(earlier);
            JsonNode last = tree(later);
            if (first == null || last == null) {
                return first == null ? earlier : later;
            }
            ObjectNode counted = usage(first);
            ObjectNode told = usage(last);
            if (counted == null) {
                put(last, first, name -> isBeside(name) && !last.hasNonNull(name));
                return last.toString();
            }
            if (told != null) {
                put(counted, told, name -> true);
            }
            put(first, last, Found::isBeside);
            return first.toString();
        }

        /** Null if it has a name twice, or too deep a nesting. */
        private static JsonNode tree(String json) {
            try {
                return STRICT.readTree(json);
            } catch (IOException unreadable) {
                return null;
            }
        }

        private static boolean isBeside(String name) {
            return AnswerPart.of(name) == AnswerPart.BESIDE;
        }

        private static void put(JsonNode into, JsonNode from, Predicate<String> names) {
            from.properties().stream()
                    .filter(each -> !each.getValue().isNull() && names.test(each.getKey()))
                    .forEach(each -> ((ObjectNode) into).set(each.getKey(), each.getValue()));
        }

        /** The usage object in an answer or in a carrier; null if there is none. */
        private static ObjectNode usage(JsonNode carrier) {
            ObjectNode within = null;
            for (Map.Entry<String, JsonNode> each : carrier.properties()) {
                switch (AnswerPart.of(each.getKey())) {
                    case USAGE -> {
                        return (ObjectNode) each.getValue();
                    }
                    case CARRIER -> within = within == null ? usage(each.getValue()) : within;
                    case LIST -> within = within == null ? usage(each.getValue().get(0)) : within;
                    case BESIDE, OTHER -> {
                        // It holds no usage object.
                    }
                }
            }
            return within;
        }

        Optional<RawUsage> result() {
            boolean blocked = refused && !answered;
            if (!hasUsage) {
                return blocked ? Optional.of(new RawUsage(null, true)) : Optional.empty();
            }
            return Optional.of(new RawUsage(answer, blocked));
        }
    }
}
