package dev.tokentally.langchain4j.providers;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;

import com.github.tomakehurst.wiremock.WireMockServer;
import java.nio.charset.StandardCharsets;

/** A provider on a port of this machine that gives the same answer to every request. */
public final class ProviderStub implements AutoCloseable {

    private final WireMockServer server;

    private ProviderStub(WireMockServer server) {
        this.server = server;
    }

    /**
     * Starts a provider on a free port of the loopback address.
     *
     * @return the provider; to be closed
     */
    public static ProviderStub start() {
        WireMockServer server =
                new WireMockServer(wireMockConfig().bindAddress("127.0.0.1").dynamicPort());
        server.start();
        return new ProviderStub(server);
    }

    /**
     * The address that a client needs.
     *
     * @return the URL
     */
    public String baseUrl() {
        // WireMock writes the port in the digits of the default locale.
        return "http://localhost:" + server.port();
    }

    /**
     * Sets the answer.
     *
     * @param protocol the protocol of the answer
     * @param usage the usage object in the answer
     */
    public void answers(Protocol protocol, String usage) {
        respond("application/json", protocol.body(usage).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sets a streamed answer.
     *
     * @param protocol the protocol of the answer
     * @param usage the usage object in the answer
     */
    public void streams(Protocol protocol, String usage) {
        respond(protocol.streamType(), protocol.stream(usage));
    }

    /** Sets an embedding of two dimensions as the answer, by OpenAI's {@code text-embedding-3-small}, for 8 tokens. */
    public void embeds() {
        respond("application/json", """
                {"object": "list", "model": "text-embedding-3-small", "usage": {"prompt_tokens": 8, "total_tokens": 8},
                 "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}]}""".getBytes(StandardCharsets.UTF_8));
    }

    private void respond(String type, byte[] body) {
        server.resetMappings();
        server.stubFor(any(anyUrl())
                .willReturn(aResponse().withHeader("Content-Type", type).withBody(body)));
    }

    @Override
    public void close() {
        server.stop();
    }
}
