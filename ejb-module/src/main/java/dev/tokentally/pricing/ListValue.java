package dev.tokentally.pricing;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonBuilderFactory;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import java.util.Map;

/** Reads the values of a published list. */
final class ListValue {

    private static final JsonBuilderFactory BUILDERS = Json.createBuilderFactory(Map.of());

    private ListValue() {}

    /**
     * The value that begins with the event. A number whose exponent Java cannot represent becomes a text. Otherwise the
     * parser would refuse the whole list because of it, and not only the entry.
     */
    static JsonValue read(JsonParser json, Event begin) {
        switch (begin) {
            case START_OBJECT -> {
                JsonObjectBuilder object = BUILDERS.createObjectBuilder();
                while (json.next() == Event.KEY_NAME) {
                    String name = json.getString();
                    object.add(name, read(json, json.next()));
                }
                return object.build();
            }
            case START_ARRAY -> {
                JsonArrayBuilder array = BUILDERS.createArrayBuilder();
                for (Event next = json.next(); next != Event.END_ARRAY; next = json.next()) {
                    array.add(read(json, next));
                }
                return array.build();
            }
            case VALUE_NUMBER -> {
                try {
                    return json.getValue();
                } catch (NumberFormatException absurdExponent) {
                    return Json.createValue(json.getString());
                }
            }
            default -> {
                return json.getValue();
            }
        }
    }
}
