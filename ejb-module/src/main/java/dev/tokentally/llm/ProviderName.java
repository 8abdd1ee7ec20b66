package dev.tokentally.llm;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * One spelling for each provider: that of OpenTelemetry's {@code gen_ai.provider.name}. LiteLLM and LangChain4j have
 * theirs, and so have people. A provider that is not listed here is spelled as it comes, in lower case. What an adapter
 * puts into a response may have any spelling; prices are found all the same.
 */
public final class ProviderName {

    private static final Map<String, String> SPELLINGS = new HashMap<>();
    private static final Map<String, List<String>> OTHERS = new HashMap<>();

    static {
        spell("openai", "open_ai", "text-completion-openai");
        spell("azure.ai.openai", "azure", "azure_openai", "azure_open_ai", "az.ai.openai", "azure_text");
        spell("azure.ai.inference", "azure_ai", "az.ai.inference", "microsoft_foundry");
        spell("aws.bedrock", "bedrock", "bedrock_converse", "amazon_bedrock", "aws_bedrock");
        spell("gcp.gemini", "gemini", "google_ai_gemini");
        spell("gcp.gen_ai", "google_genai");
        spell(
                "gcp.vertex_ai",
                "vertex_ai",
                "vertexai",
                "google_vertex_ai_gemini",
                "google_vertex_ai_anthropic",
                "google_vertex_ai");
        spell("mistral_ai", "mistral", "mistralai");
        spell("cohere", "cohere_chat");
        spell("x_ai", "xai", "x.ai");
        spell("ibm.watsonx.ai", "watsonx", "watsonx_ai");
        spell("voyage_ai", "voyage", "voyageai");
        spell("jina", "jina_ai");
    }

    private ProviderName() {}

    private static void spell(String name, String... others) {
        OTHERS.put(name, List.of(others));
        for (String other : others) {
            SPELLINGS.put(other, name);
        }
    }

    /**
     * All spellings of a provider: ours, then the one that is asked for, then the others.
     *
     * @param provider in any spelling; null is as unknown as the empty name
     * @return one or more, none of them twice
     */
    public static List<String> spellings(String provider) {
        String name = of(provider);
        Set<String> spellings = new LinkedHashSet<>();
        spellings.add(name);
        if (provider != null) {
            spellings.add(provider.strip().toLowerCase(Locale.ROOT));
        }
        spellings.addAll(OTHERS.getOrDefault(name, List.of()));
        return List.copyOf(spellings);
    }

    /**
     * Our spelling of a provider's name.
     *
     * @param provider in any spelling; null is as unknown as the empty name
     * @return its name, in lower case; empty when unknown
     */
    public static String of(String provider) {
        if (provider == null) {
            return "";
        }
        String name = provider.strip().toLowerCase(Locale.ROOT);
        // LiteLLM: vertex_ai-language-models, vertex_ai-anthropic_models …
        return name.startsWith("vertex_ai-") ? "gcp.vertex_ai" : SPELLINGS.getOrDefault(name, name);
    }
}
