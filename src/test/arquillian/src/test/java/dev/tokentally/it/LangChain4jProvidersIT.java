package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.providers.Protocol;
import dev.tokentally.langchain4j.providers.ProviderStub;
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

@OnOneServer
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's application that asks several providers through LangChain4j")
class LangChain4jProvidersIT {

    private static final String NAME = "vendors";
    private static final ProviderStub PROVIDER = ProviderStub.start();

    private final Postgres postgres = Postgres.started();

    @Deployment(testable = false)
    static Archive<?> application() {
        Postgres.started();
        return CustomerArchive.vendors(
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
    @DisplayName("gets a row with all that the provider's own usage object says")
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
                "ordinary | GEMINI           | ''       | 60   | 50   | 0    | 0   | 30   | ''",
                "listener | GEMINI_WATCHED   | ''       | 60   | 50   | 0    | 0   | 30   | ''",
                "wrapper  | GEMINI_WATCHED   | ''       | 60   | 50   | 0    | 0   | 30   | ''",
                "ordinary | BEDROCK          | ''       | 30   | 7    | 0    | 0   | 0    | ''",
                "wrapper  | BEDROCK          | ''       | 30   | 7    | 0    | 0   | 0    | ''",
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
        assertThat(Vendors.row(PROVIDER, NAME, protocol, by, protocol.usages().get(0)))
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
                .containsEntry("usage_doubts", "");
    }

    @Test
    @DisplayName("gets a row for an embedding")
    void embedding() throws InterruptedException {
        PROVIDER.embeds();
        UUID call = UUID.randomUUID();

        assertThat(Http.post(
                        "/" + NAME + "/api/providers/embedding",
                        "url",
                        PROVIDER.baseUrl(),
                        "tenant",
                        "tenant of " + call,
                        "call",
                        call))
                .isEqualTo("2");

        assertThat(postgres.await(1, "select * from llm_calls where call_id = ?", call))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("provider", "openai")
                        .containsEntry("model", "text-embedding-3-small")
                        .containsEntry("kind", "embedding")
                        .containsEntry("input_tokens", 8)
                        .containsEntry("status", "ok"));
    }
}
