package dev.tokentally.it.customer.chat;

import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.tokentally.langchain4j.TrackedStreamingChatModel;
import dev.tokentally.langchain4j.TrackingChatModelListener;
import dev.tokentally.langchain4j.TrackingEmbeddingModelListener;
import dev.tokentally.langchain4j.providers.Clients;
import dev.tokentally.langchain4j.providers.Protocol;
import dev.tokentally.scope.CallScope;
import dev.tokentally.tracking.CallTracker;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The customer who asks several vendors, each through LangChain4j's model for it. */
@Path("/providers")
@RequestScoped
public class ProvidersResource {

    private static final long PATIENCE_SECONDS = 50;

    @Inject
    TrackingChatModelListener listener;

    @Inject
    TrackingEmbeddingModelListener embeddings;

    @Inject
    CallTracker tracker;

    @Inject
    CallScope scopes;

    /** Asks once, in a scope of its own. */
    @POST
    public String ask(
            @QueryParam("by") String by,
            @QueryParam("protocol") Protocol protocol,
            @QueryParam("url") String baseUrl,
            @QueryParam("with") String form,
            @QueryParam("tenant") String tenantId,
            @QueryParam("call") UUID callId)
            throws Exception {
        ChatRequest question = question(form);
        try (CallScope.Handle scope = scopes.enter(tenantId, "ask", callId)) {
            if (by.equals("ordinary")) {
                return Clients.ordinary(protocol, baseUrl, List.of(listener))
                        .chat(question)
                        .aiMessage()
                        .text();
            }
            StreamingChatModel model = by.equals("wrapper")
                    ? new TrackedStreamingChatModel(Clients.streaming(protocol, baseUrl, List.of()), tracker, scopes)
                    : Clients.streaming(protocol, baseUrl, List.of(listener));
            return answer(model, question).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Embeds one text. */
    @POST
    @Path("/embedding")
    public int embed(
            @QueryParam("url") String baseUrl, @QueryParam("tenant") String tenantId, @QueryParam("call") UUID callId) {
        EmbeddingModel model = OpenAiEmbeddingModel.builder()
                .baseUrl(baseUrl)
                .apiKey("k")
                .modelName("text-embedding-3-small")
                .maxRetries(0)
                .listeners(List.of(embeddings))
                .build();
        try (CallScope.Handle scope = scopes.enter(tenantId, "index", callId)) {
            return model.embed("fox").content().dimension();
        }
    }

    private static ChatRequest question(String form) {
        List<Content> contents = new ArrayList<>(List.of(TextContent.from("hello")));
        if ("sound".equals(form)) {
            contents.add(AudioContent.from("AAAA", "audio/wav"));
        } else if ("picture".equals(form)) {
            contents.add(ImageContent.from("AAAA", "image/png"));
        }
        return ChatRequest.builder().messages(UserMessage.from(contents)).build();
    }

    private static CompletableFuture<String> answer(StreamingChatModel model, ChatRequest question) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        model.chat(question, new StreamingChatResponseHandler() {
            @Override
            public void onCompleteResponse(ChatResponse response) {
                answer.complete(response.aiMessage().text());
            }

            @Override
            public void onError(Throwable error) {
                answer.completeExceptionally(error);
            }
        });
        return answer;
    }
}
