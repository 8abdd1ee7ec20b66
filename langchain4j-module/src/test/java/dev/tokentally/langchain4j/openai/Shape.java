package dev.tokentally.langchain4j.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What the provider answers; asked for by the name of the model, in lower case with hyphens. */
public enum Shape {
    /** An answer: 19 tokens in, 10 out. */
    SUCCESS,
    /** An answer to a prompt that was mostly in the cache: 1920 of 2006 tokens in, 300 out. */
    CACHED,
    /** An answer of a reasoning model: 75 tokens in, 1024 of 1186 out spent on reasoning. */
    REASONING,
    /** An answer without a word of what it used, as other vendors and gateways give. */
    NO_USAGE,
    /** An answer in pieces, over half a second, that used as many tokens in as the last message says, and 7 out. */
    NUMBERED,
    /** An answer that is JSON, but not what anybody asked for. */
    SCHEMA_VIOLATION,
    /** No JSON: an ordinary answer breaks off, a streamed one has a broken event in its middle. */
    MALFORMED,
    /** A stream whose connection is lost in its middle. */
    CUT,
    /** An answer that comes in pieces, over three seconds. */
    SLOW,
    /** 429 with Retry-After. */
    RATE_LIMITED,
    /** 500. */
    SERVER_ERROR;

    private static final int PIECES = 10;
    private static final int SLOW_MILLIS = 3000;
    private static final int NUMBERED_MILLIS = 500;

    /**
     * The model to ask for.
     *
     * @return the name
     */
    public String model() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private ResponseDefinitionBuilder answer(JsonNode request) {
        boolean streamed = request.path("stream").asBoolean();
        ResponseDefinitionBuilder answer = new ResponseDefinitionBuilder().withStatus(200);
        return switch (this) {
            case RATE_LIMITED -> json(answer.withStatus(429).withHeader("Retry-After", "2"), body(".json"));
            case SERVER_ERROR -> json(answer.withStatus(500), body(".json"));
            case SLOW -> shaped(SUCCESS, answer, streamed, request).withChunkedDribbleDelay(PIECES, SLOW_MILLIS);
            case NUMBERED -> shaped(this, answer, streamed, request).withChunkedDribbleDelay(PIECES, NUMBERED_MILLIS);
            case CUT -> answer.withFault(Fault.MALFORMED_RESPONSE_CHUNK);
            default -> shaped(this, answer, streamed, request);
        };
    }

    private static ResponseDefinitionBuilder shaped(
            Shape shape, ResponseDefinitionBuilder answer, boolean streamed, JsonNode request) {
        JsonNode messages = request.path("messages");
        String message = messages.path(messages.size() - 1).path("content").asText();
        String body = shape.body(streamed ? ".sse" : ".json").replace("__N__", message);
        return streamed ? answer.withHeader("Content-Type", "text/event-stream").withBody(body) : json(answer, body);
    }

    private static ResponseDefinitionBuilder json(ResponseDefinitionBuilder answer, String body) {
        return answer.withHeader("Content-Type", "application/json").withBody(body);
    }

    private String body(String suffix) {
        String file = "/openai/" + model() + suffix;
        try (InputStream recorded = Shape.class.getResourceAsStream(file)) {
            return new String(recorded.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the answers while the provider runs. */
    static final class Answers implements ResponseDefinitionTransformerV2 {

        static final String NAME = "shapes";

        @Override
        public String getName() {
            return NAME;
        }

        @Override
        public boolean applyGlobally() {
            return false;
        }

        @Override
        public ResponseDefinition transform(ServeEvent event) {
            if (!("Bearer " + OpenAiStub.KEY).equals(event.getRequest().getHeader("Authorization"))) {
                return new ResponseDefinitionBuilder().withStatus(401).build();
            }
            JsonNode request = OpenAiStub.json(event.getRequest().getBodyAsString());
            Shape shape = Shape.valueOf(
                    request.path("model").asText().toUpperCase(Locale.ROOT).replace('-', '_'));
            return shape.answer(request).build();
        }
    }
}
