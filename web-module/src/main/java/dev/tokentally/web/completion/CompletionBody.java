package dev.tokentally.web.completion;

import dev.tokentally.web.problem.OneLine;
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

/** Reads a completion request strictly: nothing unknown, nothing twice, and no deeper than it is written here. */
final class CompletionBody {

    private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

    private static final String OPERATION = "operation";
    private static final String SYSTEM_MESSAGE = "system_message";
    private static final String USER_MESSAGE = "user_message";
    private static final List<String> FIELDS = List.of(OPERATION, SYSTEM_MESSAGE, USER_MESSAGE);

    private CompletionBody() {}

    static CompletionRequest parse(byte[] body) {
        Map<String, String> fields;
        try (JsonParser json = PARSERS.createParser(new StringReader(decode(body)))) {
            fields = object(json);
        } catch (JsonParsingException malformed) {
            throw malformed(malformed.getLocation());
        }
        return new CompletionRequest(
                required(fields, OPERATION), fields.getOrDefault(SYSTEM_MESSAGE, ""), required(fields, USER_MESSAGE));
    }

    /** Not left to the parser, which would also accept UTF-16 and put a question mark for a wrong byte. */
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

    private static Map<String, String> object(JsonParser json) {
        if (json.next() != Event.START_OBJECT) {
            throw invalid("the body must be a JSON object with the fields " + String.join(", ", FIELDS));
        }
        Map<String, String> fields = new HashMap<>();
        while (json.next() == Event.KEY_NAME) {
            String field = json.getString();
            if (!FIELDS.contains(field)) {
                throw invalid("unknown field " + OneLine.of(field) + "; known are " + String.join(", ", FIELDS));
            }
            if (fields.containsKey(field)) {
                throw invalid(field + " is there twice");
            }
            if (json.next() != Event.VALUE_STRING) {
                throw invalid(field + " must be a string");
            }
            fields.put(field, json.getString());
        }
        // Asked for what follows the object, the parser refuses anything but blanks.
        json.hasNext();
        return fields;
    }

    private static String required(Map<String, String> fields, String field) {
        String value = fields.get(field);
        if (value == null) {
            throw invalid(field + " is missing");
        }
        return value;
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
