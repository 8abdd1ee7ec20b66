package dev.tokentally.it.customer.chat;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.service.AiServices;
import dev.tokentally.langchain4j.TrackedStreamingChatModel;
import dev.tokentally.langchain4j.TrackingChatModelListener;
import dev.tokentally.scope.CallScope;
import dev.tokentally.tracking.CallTracker;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The customer's AI services. Their models are made in the three ways in which they can be recorded. */
@ApplicationScoped
public class Assistants {

    @Inject
    @ConfigProperty(name = "customer.llm.base-url")
    String baseUrl;

    @Inject
    @ConfigProperty(name = "customer.llm.api-key")
    String apiKey;

    /** The application gives its model all listeners that CDI has, and knows none of them. */
    @Produces
    @ApplicationScoped
    Assistant assistant(@Any Instance<ChatModelListener> listeners) {
        ChatModel model = OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(apiKey)
                .modelName("success")
                .maxRetries(0)
                .listeners(listeners.stream().toList())
                .build();
        return AiServices.create(Assistant.class, model);
    }

    /** The model has the listener, by one line. */
    @Produces
    @ApplicationScoped
    @Named("listener")
    StreamingAssistant streaming(TrackingChatModelListener listener) {
        StreamingChatModel model = OpenAiStreamingChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(apiKey)
                .modelName("success")
                .listeners(listener)
                .build();
        return withTools(model);
    }

    /** The model is wrapped. */
    @Produces
    @ApplicationScoped
    @Named("wrapper")
    StreamingAssistant tracked(CallTracker tracker, CallScope scopes) {
        StreamingChatModel model = OpenAiStreamingChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(apiKey)
                .modelName("success")
                .build();
        return withTools(new TrackedStreamingChatModel(model, tracker, scopes));
    }

    private static StreamingAssistant withTools(StreamingChatModel model) {
        return AiServices.builder(StreamingAssistant.class)
                .streamingChatModel(model)
                .tools(new Weather())
                .build();
    }
}
