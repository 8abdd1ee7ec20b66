package dev.tokentally.langchain4j;

import dev.langchain4j.model.ModelProvider;
import java.util.Locale;

/** Who runs a model, as OpenTelemetry's {@code gen_ai.provider.name} spells it. */
final class ProviderName {

    private ProviderName() {}

    /** Empty where LangChain4j does not know it. By name, since other versions of LangChain4j have other constants. */
    static String of(ModelProvider provider) {
        if (provider == null) {
            return "";
        }
        return switch (provider.name()) {
            case "OTHER" -> "";
            case "OPEN_AI" -> "openai";
            case "AMAZON_BEDROCK" -> "aws.bedrock";
            case "AZURE_OPEN_AI" -> "azure.ai.openai";
            case "MICROSOFT_FOUNDRY" -> "azure.ai.inference";
            case "GOOGLE_AI_GEMINI" -> "gcp.gemini";
            case "GOOGLE_GENAI" -> "gcp.gen_ai";
            case "GOOGLE_VERTEX_AI_GEMINI", "GOOGLE_VERTEX_AI_ANTHROPIC" -> "gcp.vertex_ai";
            case "WATSONX" -> "ibm.watsonx.ai";
            default -> provider.name().toLowerCase(Locale.ROOT);
        };
    }
}
