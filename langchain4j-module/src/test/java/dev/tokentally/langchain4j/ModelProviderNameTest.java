package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.ModelProvider;
import dev.tokentally.llm.ProviderName;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("LangChain4j's name for a provider")
class ModelProviderNameTest {

    @ParameterizedTest
    @CsvSource({
        "ANTHROPIC, anthropic",
        "AMAZON_BEDROCK, aws.bedrock",
        "AZURE_OPEN_AI, azure.ai.openai",
        "MICROSOFT_FOUNDRY, azure.ai.inference",
        "GITHUB_MODELS, github_models",
        "GOOGLE_AI_GEMINI, gcp.gemini",
        "GOOGLE_GENAI, gcp.gen_ai",
        "GOOGLE_VERTEX_AI_GEMINI, gcp.vertex_ai",
        "GOOGLE_VERTEX_AI_ANTHROPIC, gcp.vertex_ai",
        "MISTRAL_AI, mistral_ai",
        "OLLAMA, ollama",
        "OPEN_AI, openai",
        "WATSONX, ibm.watsonx.ai",
        "COHERE, cohere",
        "VOYAGE_AI, voyage_ai",
        "JINA, jina",
    })
    @DisplayName("is recorded in OpenTelemetry's spelling")
    void recorded(ModelProvider provider, String name) {
        assertThat(ModelProviderName.of(provider)).isEqualTo(name);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
    @DisplayName("means the same provider in a price file as in a record")
    void inAPriceFile(ModelProvider provider) {
        String recorded = ModelProviderName.of(provider);

        assertThat(ProviderName.of(provider.name())).isEqualTo(recorded);
        assertThat(ProviderName.of(recorded)).isEqualTo(recorded);
        assertThat(ProviderName.spellings(recorded))
                .startsWith(recorded)
                .contains(provider.name().toLowerCase(Locale.ROOT));
    }

    @Test
    @DisplayName("is empty if LangChain4j knows none")
    void unknown() {
        assertThat(ModelProviderName.of(null)).isEmpty();
        assertThat(ModelProviderName.of(ModelProvider.OTHER)).isEmpty();
    }
}
