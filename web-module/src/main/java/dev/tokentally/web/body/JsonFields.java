package dev.tokentally.web.body;

import dev.tokentally.text.OneLine;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import jakarta.json.Json;
import jakarta.json.stream.JsonLocation;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParserFactory;
import jakarta.json.stream.JsonParsingException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The fields of a JSON object of strings and flags, read strictly: nothing unknown, nothing twice, and nothing nested. */
public final class JsonFields {

    private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

    private final Map<String, String> values;
    private final Map<String, Boolean> flags;

    private JsonFields(Map<String, String> values, Map<String, Boolean> flags) {
        this.values = values;
        this.flags = flags;
    }

    /**
     * Reads a body of strings.
     *
     * @param body JSON in UTF-8; not null
     * @param known the allowed fields, in the order in which error messages name them
     * @return the fields
     * @throws ProblemException when it is not JSON (400), or anything but such an object (422)
     */
    public static JsonFields parse(byte[] body, List<String> known) {
        return parse(body, known, List.of());
    }

    /**
     * Reads a body of strings and flags.
     *
     * @param body JSON in UTF-8; not null
     * @param strings the fields that may be strings, in the order in which error messages name them
     * @param flags the fields that may be true or false; error messages name them after the others
     * @return the fields
     * @throws ProblemException when it is not JSON (400), or anything but such an object (422)
     */
    public static JsonFields parse(byte[] body, List<String> strings, List<String> flags) {
        try (JsonParser json = PARSERS.createParser(new StringReader(decode(body)))) {
            return object(json, strings, flags);
        } catch (JsonParsingException malformed) {
            throw malformed(malformed.getLocation());
        }
    }

    /**
     * A field that must be there.
     *
     * @param field its name
     * @return its value
     * @throws ProblemException (422) when it is missing
     */
    public String required(String field) {
        return optional(field).orElseThrow(() -> invalid(field + " is missing"));
    }

    /**
     * A field that may be left out.
     *
     * @param field its name
     * @return its value
     */
    public Optional<String> optional(String field) {
        return Optional.ofNullable(values.get(field));
    }

    /**
     * A flag that may be left out.
     *
     * @param field its name
     * @param otherwise the value if the field is left out
     * @return its value
     */
    public boolean flag(String field, boolean otherwise) {
        return flags.getOrDefault(field, otherwise);
    }

    /** This is not left to the parser, which would also accept UTF-16 and replace a wrong byte by a question mark. */
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

    private static JsonFields object(JsonParser json, List<String> strings, List<String> flags) {
        List<String> known = Stream.concat(strings.stream(), flags.stream()).toList();
        if (json.next() != Event.START_OBJECT) {
            throw invalid("the body must be a JSON object with the fields " + String.join(", ", known));
        }
        JsonFields fields = new JsonFields(new HashMap<>(), new HashMap<>());
        while (json.next() == Event.KEY_NAME) {
            String field = json.getString();
            if (!known.contains(field)) {
                throw invalid("unknown field " + OneLine.of(field) + "; known are " + String.join(", ", known));
            }
            if (fields.values.containsKey(field) || fields.flags.containsKey(field)) {
                throw invalid(field + " is there twice");
            }
            Event value = json.next();
            if (flags.contains(field)) {
                fields.flags.put(field, flag(field, value));
            } else if (value == Event.VALUE_STRING) {
                fields.values.put(field, json.getString());
            } else {
                throw invalid(field + " must be a string");
            }
        }
        // When it is asked for the next token after the object, the parser refuses anything but blanks.
        json.hasNext();
        return fields;
    }

    private static boolean flag(String field, Event value) {
        return switch (value) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw invalid(field + " must be true or false");
        };
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(ProblemKind.VALIDATION_ERROR, detail);
    }

    private static ProblemException malformed(JsonLocation at) {
        return new ProblemException(
                ProblemKind.MALFORMED_JSON,
                "The body is not valid JSON, at line " + at.getLineNumber() + ", column " + at.getColumnNumber() + ".");
    }
}
