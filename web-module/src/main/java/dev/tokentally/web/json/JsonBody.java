package dev.tokentally.web.json;

import jakarta.json.Json;
import jakarta.json.stream.JsonGenerator;
import jakarta.json.stream.JsonGeneratorFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/** Writes the body of an answer. */
public final class JsonBody {

    private static final JsonGeneratorFactory GENERATORS = Json.createGeneratorFactory(Map.of());

    private JsonBody() {}

    /**
     * Writes an object to where it is sent. Not ended on a failure, so that nobody takes it for whole.
     *
     * @param out takes JSON in UTF-8
     * @param members writes what is in it
     * @throws IOException when the members cannot be had or sent
     */
    public static void stream(OutputStream out, Members members) throws IOException {
        JsonGenerator json = GENERATORS.createGenerator(out, StandardCharsets.UTF_8);
        json.writeStartObject();
        members.write(json);
        json.writeEnd();
        json.flush();
    }

    /** Writes the members of an object. */
    public interface Members {

        /**
         * Writes them.
         *
         * @param json to write them to
         * @throws IOException when they cannot be had or sent
         */
        void write(JsonGenerator json) throws IOException;
    }

    /**
     * Writes an object.
     *
     * @param members writes what is in it
     * @return JSON in UTF-8
     */
    public static byte[] object(Consumer<JsonGenerator> members) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = GENERATORS.createGenerator(text)) {
            json.writeStartObject();
            members.accept(json);
            json.writeEnd();
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
