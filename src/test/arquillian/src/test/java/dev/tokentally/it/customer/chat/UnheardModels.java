package dev.tokentally.it.customer.chat;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiImageModel;
import dev.langchain4j.service.AiServices;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Models that a customer has set up wrongly. */
@ApplicationScoped
public class UnheardModels {

    @Produces
    @Unheard
    @ApplicationScoped
    ChatModel forgotten(
            @ConfigProperty(name = "customer.llm.base-url") String baseUrl,
            @ConfigProperty(name = "customer.llm.api-key") String apiKey) {
        return OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(apiKey)
                .modelName("success")
                .maxRetries(0)
                .build();
    }

    @Produces
    @Unheard
    ImageModel pictures(
            @ConfigProperty(name = "customer.llm.base-url") String baseUrl,
            @ConfigProperty(name = "customer.llm.api-key") String apiKey) {
        return OpenAiImageModel.builder()
                .baseUrl(baseUrl)
                .apiKey(apiKey)
                .modelName("success")
                .build();
    }

    @Produces
    @ApplicationScoped
    OperatingAssistant assistant(@Unheard ChatModel model, @Unheard ImageModel pictures) {
        return AiServices.create(OperatingAssistant.class, model);
    }
}
