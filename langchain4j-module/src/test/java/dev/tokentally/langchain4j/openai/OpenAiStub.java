package dev.tokentally.langchain4j.openai;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import java.util.Comparator;
import java.util.List;

/**
 * A provider that speaks OpenAI's protocol, ordinary and streamed, on a port of this machine. The model's name in the
 * request chooses the answer, see {@link Shape}. Safe for use by many threads.
 */
public final class OpenAiStub implements AutoCloseable {

    /** Any other key is refused, as a provider does. */
    public static final String KEY = "sk-of-the-stub";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final int port;
    private volatile WireMockServer server;

    private OpenAiStub(WireMockServer server) {
        this.server = server;
        this.port = server.port();
    }

    /**
     * Starts a provider on a free port of the loopback address.
     *
     * @return the provider; to be closed
     */
    public static OpenAiStub start() {
        return new OpenAiStub(started(0));
    }

    private static WireMockServer started(int port) {
        WireMockServer server = new WireMockServer(wireMockConfig()
                .bindAddress("127.0.0.1")
                .port(port)
                .containerThreads(300)
                .extensions(new Shape.Answers()));
        server.stubFor(any(anyUrl()).atPriority(9).willReturn(aResponse().withStatus(404)));
        // No real provider answers at once, and an immediate answer may come on the thread that asked.
        server.stubFor(post("/v1/chat/completions")
                .willReturn(aResponse().withTransformers(Shape.Answers.NAME).withFixedDelay(20)));
        server.start();
        return server;
    }

    /** Stops listening at its address. */
    public void stop() {
        server.stop();
    }

    /** Listens at the same address again. Its log is empty then. */
    public void startAgain() {
        server = started(port);
    }

    /**
     * The address that a client needs.
     *
     * @return the URL up to and with its version
     */
    public String baseUrl() {
        return "http://127.0.0.1:" + port + "/v1";
    }

    /**
     * The provider's own log.
     *
     * @return the requests so far, in the order of arrival
     */
    public List<Asked> log() {
        return server.getAllServeEvents().stream()
                .sorted(Comparator.comparing(event -> event.getRequest().getLoggedDate()))
                .map(OpenAiStub::asked)
                .toList();
    }

    /**
     * The bodies of these requests.
     *
     * @return JSON, in the order of arrival
     */
    public List<JsonNode> bodies() {
        return server.getAllServeEvents().stream()
                .sorted(Comparator.comparing(event -> event.getRequest().getLoggedDate()))
                .map(event -> json(event.getRequest().getBodyAsString()))
                .toList();
    }

    /** Clears the log. */
    public void forget() {
        server.resetRequests();
    }

    private static Asked asked(ServeEvent event) {
        JsonNode request = json(event.getRequest().getBodyAsString());
        JsonNode messages = request.path("messages");
        return new Asked(
                request.path("model").asText(),
                messages.path(messages.size() - 1).path("content").asText(),
                request.path("stream").asBoolean(),
                event.getResponse().getStatus());
    }

    static JsonNode json(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException notOurs) {
            throw new IllegalArgumentException("no JSON: " + body, notOurs);
        }
    }

    @Override
    public void close() {
        server.stop();
    }
}
