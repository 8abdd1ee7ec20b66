package dev.tokentally.web.usage;

import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.web.json.PlainDecimal;
import jakarta.json.Json;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonGenerator;
import java.io.StringReader;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A recorded call as the API shows it, under the names of its columns. */
final class CallJson {

    /** ISO-8601 in UTC, always with the six decimals that are stored. */
    static final DateTimeFormatter MICROSECONDS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private CallJson() {}

    static void write(CallRecord call, JsonGenerator json) {
        json.writeStartObject();
        for (CallColumn<?> column : CallColumn.ALL) {
            if (column.of(call) == null) {
                json.writeNull(column.columnName());
            } else {
                write(column, call, json);
            }
        }
        json.writeEnd();
    }

    private static void write(CallColumn<?> column, CallRecord call, JsonGenerator json) {
        String name = column.columnName();
        switch (column.type()) {
            case UUID, TEXT, LABEL -> json.write(name, column.textOf(call));
            case INSTANT -> json.write(name, MICROSECONDS.format((Instant) column.of(call)));
            case LONG, INTEGER -> json.write(name, ((Number) column.of(call)).longValue());
            case DECIMAL -> json.write(name, PlainDecimal.of((BigDecimal) column.of(call)));
            case METERS -> {
                json.writeStartObject(name);
                call.tokens().meters().forEach(json::write);
                json.writeEnd();
            }
            case TAGS -> json.write(name, tags(column.textOf(call)));
        }
    }

    /** If somebody else wrote into the row, the text may not be a JSON object. The other calls must be shown all the same. */
    private static JsonValue tags(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        } catch (RuntimeException noObject) {
            // Parsson throws no JsonException for an object that is too deep or has a number that is too long.
            return JsonValue.NULL;
        }
    }
}
