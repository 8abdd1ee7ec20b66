package dev.tokentally.langchain4j.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The provider's answers. A client asks for one by the name of the model, in lower case with hyphens. */
public enum Shape {
    /** An answer: 19 tokens in, 10 out. */
    SUCCESS,
    /** An answer to a prompt that was mostly in the cache: 1920 of 2006 tokens in, 300 out. */
    CACHED,
    /** An answer of a reasoning model: 75 tokens in, 1024 of 1186 out spent on reasoning. */
    REASONING,
    /** An answer that does not say what it used, as other vendors and gateways give. */
    NO_USAGE,
    /**
     * An answer in pieces, over half a second. It used as many input tokens as the last message says, and 7 output tokens.
     */
    NUMBERED,
    /**
     * A streamed answer that asks for a tool, 60 tokens in and 15 out. Once it has the tool's result, the answer is that of
     * {@link #SUCCESS}.
     */
    TOOL,
    /** An answer with the text of the last message: 88 tokens in, 12 out. */
    ECHO,
    /** An answer that ends at the limit of output tokens: 19 in, 10 out. */
    LENGTH,
    /** An answer that the provider's content filter withholds: 19 in, 10 out. */
    FILTERED,
    /** An answer whose content is null: 19 in, 10 out. */
    NO_CONTENT,
    /** An answer that is a refusal: 19 in, 10 out. */
    REFUSED,
    /** An answer that is JSON, but does not match any schema. */
    SCHEMA_VIOLATION,
    /** An answer that is not JSON: an ordinary answer breaks off, and a streamed one has a broken event in its middle. */
    MALFORMED,
    /** An answer whose connection is lost after its headers. */
    CUT,
    /** An answer that comes in pieces, over three seconds. */
    SLOW,
    /** An answer that begins after three seconds. */
    LATE,
    /** 429 with Retry-After. */
    RATE_LIMITED,
    /** 500. */
    SERVER_ERROR,
    /** 401, whatever the key; it quotes the key. */
    WRONG_KEY,
    /**
     * If the last message names a model, that model's answer; otherwise the answer of {@link #ECHO}. It is for an
     * application that knows only one model.
     */
    BY_MESSAGE;

    /** How long the answers of {@link #SLOW} and {@link #LATE} take. */
    public static final int SLOW_MILLIS = 3000;

    private static final int PIECES = 10;
    private static final int NUMBERED_MILLIS = 500;

    /**
     * The model to ask for.
     *
     * @return the name
     */
    public String model() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private ResponseDefinitionBuilder answer(JsonNode request, String key) {
        boolean streamed = request.path("stream").asBoolean();
        ResponseDefinitionBuilder answer = new ResponseDefinitionBuilder().withStatus(200);
        return switch (this) {
            case RATE_LIMITED -> json(answer.withStatus(429).withHeader("Retry-After", "2"), body(".json"));
            case SERVER_ERROR -> json(answer.withStatus(500), body(".json"));
            case SLOW -> shaped(SUCCESS, answer, streamed, request).withChunkedDribbleDelay(PIECES, SLOW_MILLIS);
            case TOOL -> shaped(hasToolResult(request) ? SUCCESS : this, answer, streamed, request);
            case LATE -> shaped(SUCCESS, answer, streamed, request).withFixedDelay(SLOW_MILLIS);
            case NUMBERED -> shaped(this, answer, streamed, request).withChunkedDribbleDelay(PIECES, NUMBERED_MILLIS);
            case WRONG_KEY -> json(answer.withStatus(401), body(".json").replace("__KEY__", key));
            case BY_MESSAGE ->
                named(message(request))
                        .filter(shape -> shape != this)
                        .orElse(ECHO)
                        .answer(request, key);
            case CUT -> answer.withFault(Fault.MALFORMED_RESPONSE_CHUNK);
            default -> shaped(this, answer, streamed, request);
        };
    }

    private static ResponseDefinitionBuilder shaped(
            Shape shape, ResponseDefinitionBuilder answer, boolean streamed, JsonNode request) {
        String message = message(request);
        String body = shape.body(streamed ? ".sse" : ".json")
                .replace("__N__", message)
                .replace("__TEXT__", TextNode.valueOf(message).toString());
        return streamed ? answer.withHeader("Content-Type", "text/event-stream").withBody(body) : json(answer, body);
    }

    private static boolean hasToolResult(JsonNode request) {
        JsonNode messages = request.path("messages");
        return messages.path(messages.size() - 1).path("role").asText().equals("tool");
    }

    private static String message(JsonNode request) {
        JsonNode messages = request.path("messages");
        return messages.path(messages.size() - 1).path("content").asText();
    }

    private static Optional<Shape> named(String model) {
        return Arrays.stream(values())
                .filter(shape -> shape.model().equals(model))
                .findFirst();
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
            String key = String.valueOf(event.getRequest().getHeader("Authorization"))
                    .replace("Bearer ", "");
            JsonNode request = OpenAiStub.json(event.getRequest().getBodyAsString());
            Shape shape = key.equals(OpenAiStub.KEY)
                    ? named(request.path("model").asText()).orElseThrow()
                    : WRONG_KEY;
            return shape.answer(request, key).build();
        }
    }
}
