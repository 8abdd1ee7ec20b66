package dev.tokentally.it.customer.llm;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.tokentally.langchain4j.TrackingChatModelListener;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The customer's model as LangChain4j's documentation shows it; it finds an HTTP client by itself. It also has the listener,
 * as if the application also asked it directly.
 */
@ApplicationScoped
public class Models {

    @Produces
    @ApplicationScoped
    ChatModel model(
            @ConfigProperty(name = "customer.llm.base-url") String baseUrl,
            @ConfigProperty(name = "customer.llm.api-key") String apiKey,
            @ConfigProperty(name = "customer.llm.model") String model,
            TrackingChatModelListener listener) {
        return OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(apiKey)
                .modelName(model)
                .supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
                .maxRetries(0)
                .listeners(listener)
                .build();
    }

    /** Only a port asks this model, so it needs no listener. */
    @Produces
    @Plain
    ChatModel plain(
            @ConfigProperty(name = "customer.llm.base-url") String baseUrl,
            @ConfigProperty(name = "customer.llm.api-key") String apiKey) {
        return OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(apiKey)
                .modelName("success")
                .maxRetries(0)
                .build();
    }
}
