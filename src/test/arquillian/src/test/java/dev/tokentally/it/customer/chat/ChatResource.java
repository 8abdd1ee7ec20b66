package dev.tokentally.it.customer.chat;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.service.TokenStream;
import dev.tokentally.langchain4j.sampling.ThreadSampler;
import dev.tokentally.scope.CallScope;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** The requests of the tests to the customer who chats. */
@Path("/chat")
@RequestScoped
public class ChatResource {

    private static final long PATIENCE_SECONDS = 50;

    @Inject
    Assistant assistant;

    @Inject
    @Named("listener")
    StreamingAssistant streaming;

    @Inject
    @Named("wrapper")
    StreamingAssistant tracked;

    @Inject
    OperatingAssistant unheard;

    @Inject
    LaterChat later;

    @Inject
    Caller caller;

    @Inject
    CallScope scopes;

    /** Asks once, in a scope of its own, and returns what the caller saw. */
    @POST
    public String ask(
            @QueryParam("by") String by,
            @QueryParam("tenant") String tenantId,
            @QueryParam("call") UUID callId,
            @QueryParam("model") String model,
            @QueryParam("message") @DefaultValue("hello") String message) {
        try (CallScope.Handle scope = scopes.enter(tenantId, "chat", callId)) {
            return by.equals("ordinary")
                    ? assistant.chat(message, named(model))
                    : answer(assistant(by).chat(message, named(model))).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return "threw " + root.getClass().getSimpleName();
        }
    }

    /** Asks a model without a listener, by an AI service whose annotation has no effect. */
    @POST
    @Path("/unheard")
    public String unheard() {
        return unheard.chat("hello");
    }

    /** Asks outside of any scope. */
    @POST
    @Path("/unscoped")
    public String unscoped(@QueryParam("model") String model) {
        return assistant.chat("hello", named(model));
    }

    /** Starts a stream after the {@code @LlmOperation} method that made the stream has returned. */
    @POST
    @Path("/later")
    public String later(
            @QueryParam("by") String by, @QueryParam("tenant") String tenantId, @QueryParam("model") String model)
            throws Exception {
        caller.is(tenantId);
        TokenStream stream = later.chat(by, "hello", named(model));
        return answer(stream).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Cancels a stream at its first part. */
    @POST
    @Path("/cancelled")
    public String cancelled(
            @QueryParam("by") String by,
            @QueryParam("tenant") String tenantId,
            @QueryParam("call") UUID callId,
            @QueryParam("model") String model)
            throws Exception {
        CompletableFuture<String> cancelled = new CompletableFuture<>();
        try (CallScope.Handle scope = scopes.enter(tenantId, "chat", callId)) {
            assistant(by)
                    .chat("hello", named(model))
                    .onPartialResponseWithContext((part, context) -> {
                        StreamingHandle handle = context.streamingHandle();
                        handle.cancel();
                        cancelled.complete("cancelled " + handle.isCancelled());
                    })
                    .onCompleteResponse(whole -> cancelled.complete("complete"))
                    .onError(cancelled::completeExceptionally)
                    .start();
        }
        return cancelled.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Asks many times at once, for two tenants in turn. Returns the threads that brought answers and were seen in code of a
     * database, and whether any thread was seen at all.
     */
    @POST
    @Path("/many")
    public String many(
            @QueryParam("by") String by, @QueryParam("tenant") String tenantId, @QueryParam("count") int count)
            throws InterruptedException {
        try (ThreadSampler sampler = new ThreadSampler(ChatResource::isOfADatabase)) {
            List<CompletableFuture<String>> answers = IntStream.range(0, count)
                    .mapToObj(number -> answer(by, tenantId + " " + number % 2, number))
                    .toList();
            List<String> threads = answers.stream().map(ChatResource::joined).toList();
            Set<String> blocked = new TreeSet<>(sampler.within());
            blocked.retainAll(threads);
            return threads.size() + " answers, in a database: " + blocked + ", others there: "
                    + !sampler.within().isEmpty();
        }
    }

    private CompletableFuture<String> answer(String by, String tenantId, int number) {
        try (CallScope.Handle scope = scopes.enter(tenantId, "many")) {
            CompletableFuture<String> thread = new CompletableFuture<>();
            assistant(by)
                    .chat(String.valueOf(number), named("numbered"))
                    .onPartialResponse(part -> {})
                    .onCompleteResponse(
                            whole -> thread.complete(Thread.currentThread().getName()))
                    .onError(thread::completeExceptionally)
                    .start();
            return thread;
        }
    }

    private static String joined(CompletableFuture<String> answer) {
        return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    private static CompletableFuture<String> answer(TokenStream stream) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        stream.onPartialResponse(part -> {})
                .onCompleteResponse(whole -> answer.complete(whole.aiMessage().text()))
                .onError(answer::completeExceptionally)
                .start();
        return answer;
    }

    private StreamingAssistant assistant(String by) {
        return by.equals("wrapper") ? tracked : streaming;
    }

    private static ChatRequestParameters named(String model) {
        return ChatRequestParameters.builder().modelName(model).build();
    }

    private static boolean isOfADatabase(StackTraceElement frame) {
        String name = frame.getClassName();
        return name.startsWith("dev.tokentally.persistence.")
                || name.startsWith("org.postgresql.")
                || name.startsWith("java.sql.");
    }
}
