package dev.tokentally.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.tokentally.llm.ProviderName;

/** Who runs a model of LangChain4j, spelled as {@link ProviderName} spells it. */
final class ModelProviderName {

    private static final String UNKNOWN = "OTHER";

    private ModelProviderName() {}

    /** Empty if LangChain4j does not know it. It is found by name, since other versions of LangChain4j have other constants. */
    static String of(ModelProvider provider) {
        return provider == null || provider.name().equals(UNKNOWN) ? "" : ProviderName.of(provider.name());
    }
}
