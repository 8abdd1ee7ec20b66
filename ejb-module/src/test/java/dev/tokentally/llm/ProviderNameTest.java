package dev.tokentally.llm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A provider's name")
class ProviderNameTest {

    @ParameterizedTest(name = "\"{0}\"")
    @DisplayName("is OpenTelemetry's, however LiteLLM, LangChain4j or a person spells it")
    @CsvSource({
        "openai, openai",
        "OpenAI, openai",
        "OPEN_AI, openai",
        "anthropic, anthropic",
        "azure, azure.ai.openai",
        "azure.ai.openai, azure.ai.openai",
        "azure_ai, azure.ai.inference",
        "bedrock, aws.bedrock",
        "bedrock_converse, aws.bedrock",
        "AMAZON_BEDROCK, aws.bedrock",
        "gemini, gcp.gemini",
        "GOOGLE_AI_GEMINI, gcp.gemini",
        "GOOGLE_GENAI, gcp.gen_ai",
        "gcp.gen_ai, gcp.gen_ai",
        "MICROSOFT_FOUNDRY, azure.ai.inference",
        "voyage, voyage_ai",
        "voyageai, voyage_ai",
        "VOYAGE_AI, voyage_ai",
        "jina_ai, jina",
        "vertex_ai-language-models, gcp.vertex_ai",
        "vertex_ai-anthropic_models, gcp.vertex_ai",
        "mistral, mistral_ai",
        "' xai ', x_ai",
        "x-ai, x_ai",
        "google, gcp.gen_ai",
        "vertex, gcp.vertex_ai",
        "vertex-ai, gcp.vertex_ai",
        "google-vertex, gcp.vertex_ai",
        "aws, aws.bedrock",
        "amazon-bedrock, aws.bedrock",
        "bedrock-converse, aws.bedrock",
        "azure-openai, azure.ai.openai",
        "azure-ai, azure.ai.inference",
        "mistral-ai, mistral_ai",
        "Voyage-AI, voyage_ai",
        "google-ai-gemini, gcp.gemini",
        "text-completion-openai, openai",
        "together-ai, together-ai",
        "My Own, my own",
        "'', ''",
        ", ''",
    })
    void spellings(String spelled, String name) {
        assertThat(ProviderName.of(spelled)).isEqualTo(name);
    }
}
