package dev.tokentally.web.model;

import dev.tokentally.langchain4j.LangChain4jLlmPort;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** The configured model, or the offline one. Both share one bean, so that a call passes only one decorator. */
@ApplicationScoped
class ConfiguredLlm extends LangChain4jLlmPort {

    private final Provider provider;
    private final LlmPort offline = new OfflineLlm();

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected ConfiguredLlm() {
        this.provider = null;
    }

    @Inject
    ConfiguredLlm(ModelSettings settings) {
        this(settings.provider().orElse(null));
    }

    private ConfiguredLlm(Provider provider) {
        super(provider == null ? null : provider.chatModel(), provider == null ? null : provider.name());
        this.provider = provider;
    }

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        return provider == null ? offline.complete(request) : super.complete(request.withTimeout(provider.timeout()));
    }
}
