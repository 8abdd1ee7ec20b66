package dev.tokentally.llm;

import jakarta.json.Json;
import jakarta.json.JsonConfig;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.util.Map;

/** Parses a text from outside, with limits that do not depend on the server's parser. */
final class UsageText {

    /** The longest text. A usage object has a few hundred characters, but the text may be a whole answer. */
    static final int MAX_CHARACTERS = 2_000_000;

    /** The deepest nesting, counted from the outermost object. */
    static final int MAX_DEPTH = 64;

    /**
     * The longest number. Parsers take seconds for a million digits, and some refuse them with an exception of their
     * own.
     */
    static final int MAX_NUMBER = 1000;

    private static final int MAX_NAME = 80;

    /** Refuses a name that occurs twice in one object, since it is not known which of the two counts the provider bills. */
    private static final JsonReaderFactory READERS =
            Json.createReaderFactory(Map.of(JsonConfig.KEY_STRATEGY, JsonConfig.KeyStrategy.NONE));

    private static final JsonReaderFactory LENIENT = Json.createReaderFactory(Map.of());

    private UsageText() {}

    /**
     * Reads the text.
     *
     * @throws IllegalArgumentException when it is no JSON object; the message says why and quotes nothing of the text
     */
    static JsonObject parse(String json) {
        if (json == null) {
            throw new IllegalArgumentException("usage is null");
        }
        if (json.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException("usage has more than " + MAX_CHARACTERS + " characters");
        }
        checkNesting(json);
        JsonValue value = read(READERS, json);
        if (value == null) {
            boolean isTwice = read(LENIENT, json) != null;
            throw new IllegalArgumentException(isTwice ? "usage has a name twice in one object" : "usage is not JSON");
        }
        if (!(value instanceof JsonObject object)) {
            throw new IllegalArgumentException("usage is not a JSON object");
        }
        return object;
    }

    /** The value; null if the text cannot be read. */
    private static JsonValue read(JsonReaderFactory readers, String json) {
        try (JsonReader reader = readers.createReader(new StringReader(json))) {
            return reader.readValue();
        } catch (RuntimeException notJson) {
            // Besides JsonException, each server's parser throws exceptions of its own.
            return null;
        }
    }

    /**
     * Checks the text before it is parsed, since a recursive parser would run out of stack, and since parsers ignore a
     * second value after the first.
     */
    private static void checkNesting(String json) {
        int depth = 0;
        int number = 0;
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
            number = isOfNumber(c) ? number + 1 : 0;
            if (number > MAX_NUMBER) {
                throw new IllegalArgumentException("usage has a number of more than " + MAX_NUMBER + " characters");
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

    private static boolean isOfNumber(char c) {
        return c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
    }

    /** A name from outside, made safe for a note of one line. */
    static String name(String told) {
        String safe = told.replaceAll("[^\\p{L}\\p{N} ._:/@-]", "?");
        return safe.length() > MAX_NAME ? safe.substring(0, MAX_NAME) : safe;
    }
}
