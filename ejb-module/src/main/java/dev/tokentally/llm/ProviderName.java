package dev.tokentally.llm;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * One spelling for each provider: that of OpenTelemetry's {@code gen_ai.provider.name}. LiteLLM, LangChain4j and people
 * spell providers in other ways. Hyphens and blanks count as underscores. A provider that is not listed here keeps its
 * spelling, in lower case. An adapter may use any spelling in a response; its prices are found in any case.
 */
public final class ProviderName {

    private static final Map<String, String> SPELLINGS = new HashMap<>();
    private static final Map<String, List<String>> OTHERS = new HashMap<>();

    static {
        spell("openai", "open_ai", "text-completion-openai");
        spell("azure.ai.openai", "azure", "azure_openai", "azure_open_ai", "az.ai.openai", "azure_text");
        spell("azure.ai.inference", "azure_ai", "az.ai.inference", "microsoft_foundry");
        spell("aws.bedrock", "bedrock", "bedrock_converse", "amazon_bedrock", "aws_bedrock", "aws");
        spell("gcp.gemini", "gemini", "google_ai_gemini");
        // OpenTelemetry's name for Google if it is not known whether the call went to the Gemini API or to Vertex AI.
        spell("gcp.gen_ai", "google_genai", "google");
        spell(
                "gcp.vertex_ai",
                "vertex_ai",
                "vertexai",
                "google_vertex_ai_gemini",
                "google_vertex_ai_anthropic",
                "google_vertex_ai",
                "google_vertex",
                "vertex");
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
        SPELLINGS.put(underscored(name), name);
        for (String other : others) {
            SPELLINGS.put(underscored(other), name);
        }
    }

    /**
     * All spellings of a provider: ours, then the given one, then the others.
     *
     * @param provider in any spelling; null and the empty name stand for an unknown provider
     * @return one or more spellings, without duplicates
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
     * @param provider in any spelling; null and the empty name stand for an unknown provider
     * @return its name, in lower case; empty when unknown
     */
    public static String of(String provider) {
        if (provider == null) {
            return "";
        }
        String name = provider.strip().toLowerCase(Locale.ROOT);
        String spelled = underscored(name);
        // LiteLLM has names such as vertex_ai-language-models and vertex_ai-anthropic_models.
        return spelled.startsWith("vertex_ai_") ? "gcp.vertex_ai" : SPELLINGS.getOrDefault(spelled, name);
    }

    /** The same name may have hyphens, blanks or underscores between its words. */
    private static String underscored(String name) {
        return name.replace('-', '_').replace(' ', '_');
    }
}
