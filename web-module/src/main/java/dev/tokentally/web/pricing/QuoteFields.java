package dev.tokentally.web.pricing;

import dev.tokentally.text.OneLine;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParserFactory;
import jakarta.json.stream.JsonParsingException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** The fields of a quote's request, read as strictly as they are described; the provider's own object is taken as it is. */
final class QuoteFields {

    static final String USAGE = "usage";
    static final String TOKENS = "tokens";

    private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

    /** The deepest nesting of the provider's object; no known object has ten levels. */
    private static final int DEEPEST = 100;

    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

    private final Map<String, String> texts = new LinkedHashMap<>();
    private String usage;
    private Map<String, Long> tokens;

    private QuoteFields() {}

    static QuoteFields parse(byte[] body, List<String> known) {
        try (JsonParser json = PARSERS.createParser(new StringReader(decode(body)))) {
            QuoteFields fields = new QuoteFields();
            fields.read(json, known);
            return fields;
        } catch (JsonParsingException malformed) {
            throw new ProblemException(
                    ProblemKind.MALFORMED_JSON,
                    "The body is not valid JSON, at line "
                            + malformed.getLocation().getLineNumber() + ", column "
                            + malformed.getLocation().getColumnNumber() + ".");
        } catch (JsonException | NoSuchElementException | NumberFormatException e) {
            throw new ProblemException(ProblemKind.MALFORMED_JSON, "The body is not valid JSON.");
        }
    }

    /** Empty if the field is missing. */
    String text(String field) {
        return texts.getOrDefault(field, "");
    }

    boolean has(String field) {
        return texts.containsKey(field);
    }

    /** The provider's object as JSON; null if the field is missing. */
    String usage() {
        return usage;
    }

    /** The meters; null if the field is missing. */
    Map<String, Long> tokens() {
        return tokens;
    }

    private void read(JsonParser json, List<String> known) {
        if (json.next() != Event.START_OBJECT) {
            throw invalid("the body must be a JSON object with the fields " + String.join(", ", known));
        }
        while (json.next() == Event.KEY_NAME) {
            String field = json.getString();
            if (!known.contains(field)) {
                throw invalid("unknown field " + OneLine.of(field) + "; known are " + String.join(", ", known));
            }
            if (texts.containsKey(field)
                    || field.equals(USAGE) && usage != null
                    || field.equals(TOKENS) && tokens != null) {
                throw invalid(field + " is there twice");
            }
            readField(json, field, json.next());
        }
        // When it is asked for the next token after the object, the parser refuses anything but blanks.
        json.hasNext();
    }

    private void readField(JsonParser json, String field, Event value) {
        if (field.equals(USAGE)) {
            if (value != Event.START_OBJECT) {
                throw invalid("usage must be the object that the provider sent");
            }
            usage = copy(json);
        } else if (field.equals(TOKENS)) {
            if (value != Event.START_OBJECT) {
                throw invalid("tokens must be an object of counts by the names of meters");
            }
            tokens = counts(json);
        } else if (value == Event.VALUE_STRING) {
            texts.put(field, json.getString());
        } else {
            throw invalid(field + " must be a string");
        }
    }

    private static Map<String, Long> counts(JsonParser json) {
        Map<String, Long> counts = new LinkedHashMap<>();
        while (json.next() == Event.KEY_NAME) {
            String meter = json.getString();
            String named = "tokens." + OneLine.of(meter);
            if (json.next() != Event.VALUE_NUMBER) {
                throw invalid(named + " must be a whole number of at least 0");
            }
            if (counts.put(meter, count(named, json)) != null) {
                throw invalid(named + " is there twice");
            }
        }
        return counts;
    }

    private static long count(String named, JsonParser json) {
        BigDecimal number;
        try {
            number = json.getBigDecimal();
        } catch (ArithmeticException | NumberFormatException | UnsupportedOperationException e) {
            throw invalid(named + " must be a whole number of at least 0");
        }
        if (number.signum() == 0) {
            return 0;
        }
        if (number.signum() < 0
                || number.compareTo(MOST) > 0
                || number.stripTrailingZeros().scale() > 0) {
            throw invalid(named + " must be a whole number of at least 0, and below 2^63");
        }
        return number.longValue();
    }

    /**
     * An object that has begun, written as JSON again. Its depth is limited, so that no stack overflows, and its numbers stay as
     * they are written.
     */
    private static String copy(JsonParser json) {
        StringBuilder text = new StringBuilder("{");
        int depth = 1;
        boolean first = true;
        while (depth > 0) {
            Event event = json.next();
            boolean ends = event == Event.END_OBJECT || event == Event.END_ARRAY;
            if (!first && !ends) {
                text.append(',');
            }
            first = false;
            switch (event) {
                case START_OBJECT, START_ARRAY -> {
                    text.append(event == Event.START_OBJECT ? '{' : '[');
                    depth++;
                    first = true;
                }
                case END_OBJECT, END_ARRAY -> {
                    text.append(event == Event.END_OBJECT ? '}' : ']');
                    depth--;
                }
                case KEY_NAME -> {
                    quote(json.getString(), text);
                    text.append(':');
                    first = true;
                }
                case VALUE_STRING -> quote(json.getString(), text);
                case VALUE_NUMBER -> text.append(json.getString());
                case VALUE_TRUE -> text.append("true");
                case VALUE_FALSE -> text.append("false");
                default -> text.append("null");
            }
            if (depth > DEEPEST) {
                throw invalid("usage must not be nested deeper than " + DEEPEST + " levels");
            }
        }
        return text.toString();
    }

    private static void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '"' || character == '\\') {
                json.append('\\').append(character);
            } else if (character < ' ') {
                json.append("\\u00").append(character < 16 ? "0" : "").append(Integer.toHexString(character));
            } else {
                json.append(character);
            }
        }
        json.append('"');
    }

    private static String decode(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new ProblemException(ProblemKind.MALFORMED_JSON, "The body is not valid UTF-8.");
        }
    }

    static ProblemException invalid(String detail) {
        return new ProblemException(ProblemKind.VALIDATION_ERROR, detail);
    }
}
