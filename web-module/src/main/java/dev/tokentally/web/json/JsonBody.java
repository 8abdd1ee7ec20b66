package dev.tokentally.web.json;

import jakarta.json.Json;
import jakarta.json.stream.JsonGenerator;
import jakarta.json.stream.JsonGeneratorFactory;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/** Writes the body of an answer. */
public final class JsonBody {

    private static final JsonGeneratorFactory GENERATORS = Json.createGeneratorFactory(Map.of());

    private JsonBody() {}

    /**
     * For an object that is sent while it is written. After a failure it is not closed, so that nobody takes it for complete.
     *
     * @param out takes JSON in UTF-8
     * @return what writes it
     */
    public static JsonGenerator generator(OutputStream out) {
        return GENERATORS.createGenerator(out, StandardCharsets.UTF_8);
    }

    /**
     * Writes an object.
     *
     * @param members writes what is in it
     * @return JSON in UTF-8
     */
    public static byte[] object(Consumer<JsonGenerator> members) {
        // It is not made as a string first, since a large report would then be in memory three more times.
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (JsonGenerator json = generator(body)) {
            json.writeStartObject();
            members.accept(json);
            json.writeEnd();
        }
        return body.toByteArray();
    }
}
