package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.providers.Protocol;
import dev.tokentally.langchain4j.providers.ProviderStub;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's application that asks several vendors by LangChain4j")
class LangChain4jProvidersIT {

    private static final String NAME = "vendors";
    private static final String PROVIDERS = "/" + NAME + "/api/providers";
    private static final ProviderStub PROVIDER = ProviderStub.start();

    private static final Map<Protocol, String> USAGES = Map.of(
            Protocol.OPENAI, """
                    {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200,
                     "prompt_tokens_details": {"cached_tokens": 400, "audio_tokens": 100},
                     "completion_tokens_details": {"reasoning_tokens": 50, "audio_tokens": 30}}""",
            Protocol.OPENAI_RESPONSES, """
                    {"input_tokens": 75, "input_tokens_details": {"cached_tokens": 10}, "output_tokens": 1186,
                     "output_tokens_details": {"reasoning_tokens": 1024}, "total_tokens": 1261}""",
            Protocol.ANTHROPIC, """
                    {"input_tokens": 21, "cache_creation_input_tokens": 300, "cache_read_input_tokens": 1000,
                     "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
                     "output_tokens": 393, "service_tier": "priority", "server_tool_use": {"web_search_requests": 2}}""",
            Protocol.MISTRAL, """
                    {"prompt_tokens": 50, "total_tokens": 70, "completion_tokens": 20, "num_cached_tokens": 16}""");

    private final Postgres postgres = Postgres.started();
    private final UUID call = UUID.randomUUID();
    private final String tenant = "tenant of " + call;

    @Deployment(testable = false)
    static Archive<?> application() {
        Postgres.started();
        return CustomerArchive.chat(
                NAME,
                Map.of(
                        "tokentally.datasource", DataSources.POSTGRES.jndiName(),
                        "customer.llm.base-url", PROVIDER.baseUrl(),
                        "customer.llm.api-key", OpenAiStub.KEY));
    }

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    @ParameterizedTest(name = "{0}, {1}")
    @DisplayName("has a row with all that the provider's own usage object says")
    @CsvSource(
            delimiter = '|',
            value = {
                "ordinary | OPENAI           | flex     | 1000 | 200  | 400  | 0   | 50   | input_audio_tokens=100 output_audio_tokens=30",
                "listener | OPENAI           | flex     | 1000 | 200  | 400  | 0   | 50   | input_audio_tokens=100 output_audio_tokens=30",
                "wrapper  | OPENAI           | flex     | 1000 | 200  | 400  | 0   | 50   | input_audio_tokens=100 output_audio_tokens=30",
                "ordinary | OPENAI_RESPONSES | priority | 75   | 1186 | 10   | 0   | 1024 | ''",
                "wrapper  | OPENAI_RESPONSES | priority | 75   | 1186 | 10   | 0   | 1024 | ''",
                "ordinary | ANTHROPIC        | priority | 1321 | 393  | 1000 | 300 | 0    | cache_write_1h_tokens=200 web_searches=2",
                "listener | ANTHROPIC        | priority | 1321 | 393  | 1000 | 300 | 0    | cache_write_1h_tokens=200 web_searches=2",
                "wrapper  | ANTHROPIC        | priority | 1321 | 393  | 1000 | 300 | 0    | cache_write_1h_tokens=200 web_searches=2",
                "ordinary | MISTRAL          | ''       | 50   | 20   | 16   | 0   | 0    | ''",
                "listener | MISTRAL          | ''       | 50   | 20   | 16   | 0   | 0    | ''",
                "wrapper  | MISTRAL          | ''       | 50   | 20   | 16   | 0   | 0    | ''",
            })
    void answered(
            String by,
            Protocol protocol,
            String tier,
            int input,
            int output,
            int cached,
            int written,
            int reasoning,
            String meters)
            throws InterruptedException {
        if (by.equals("ordinary")) {
            PROVIDER.answers(protocol, USAGES.get(protocol));
        } else {
            PROVIDER.streams(protocol, USAGES.get(protocol));
        }

        assertThat(Http.post(
                        PROVIDERS,
                        "by",
                        by,
                        "protocol",
                        protocol,
                        "url",
                        PROVIDER.baseUrl(),
                        "tenant",
                        tenant,
                        "call",
                        call))
                .isEqualTo("fox");

        assertThat(rows()).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("provider", protocol.provider())
                .containsEntry("model", "m-1")
                .containsEntry("kind", "chat")
                .containsEntry("service_tier", tier)
                .containsEntry("input_tokens", input)
                .containsEntry("output_tokens", output)
                .containsEntry("cached_input_tokens", cached)
                .containsEntry("cache_write_tokens", written)
                .containsEntry("reasoning_tokens", reasoning)
                .containsEntry("meters", meters)
                .containsEntry("usage_doubts", ""));
    }

    @Test
    @DisplayName("has a row for an embedding")
    void embedding() throws InterruptedException {
        PROVIDER.embeds();

        assertThat(Http.post(PROVIDERS + "/embedding", "url", PROVIDER.baseUrl(), "tenant", tenant, "call", call))
                .isEqualTo("2");

        assertThat(rows()).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("provider", "openai")
                .containsEntry("model", "text-embedding-3-small")
                .containsEntry("kind", "embedding")
                .containsEntry("input_tokens", 8)
                .containsEntry("status", "ok"));
    }

    /** A streamed answer's row is stored a little later. */
    private List<Map<String, Object>> rows() throws InterruptedException {
        return postgres.await(1, "select * from llm_calls where call_id = ?", call);
    }
}
