package dev.tokentally.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.tokentally.scope.CallScope;
import java.lang.System.Logger.Level;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Watches a streamed answer, and passes everything on. It is called on the threads on which the answer comes, which may be a
 * different one each time. It may be cancelled on any thread.
 */
final class TrackedStream implements StreamingChatResponseHandler {

    private final SeenChat chat;
    private final StreamingChatResponseHandler handler;
    private final CallScope scopes;
    private final ToolScopes.Place place;
    private final ModelProvider provider;
    private final String askedModel;
    private final Thread asker = Thread.currentThread();
    private volatile boolean cancelled;
    private volatile Throwable thrownByHandler;
    private volatile Look lastLook = new Look(null, false);

    /** The handler's exception, if the model reported it while it was being asked. Only the asker's thread uses this. */
    private Throwable reportedHere;

    /** What the model itself asks is a part of this call until this is closed. Null if the model is not being asked. */
    private CallScope.Handle inside;

    /**
     * Before the model is asked.
     *
     * @param place the scope in which the work after the answer runs; null if there is none
     * @param askedModel null when not known
     */
    TrackedStream(
            SeenChat chat,
            StreamingChatResponseHandler handler,
            CallScope scopes,
            ToolScopes.Place place,
            ModelProvider provider,
            String askedModel) {
        this.chat = chat;
        this.handler = handler;
        this.scopes = scopes;
        this.place = place;
        this.provider = provider;
        this.askedModel = askedModel;
    }

    /** The model is asked on this thread. */
    void asks() {
        inside = chat.call().enter();
    }

    /** The model has been asked, and this thread goes on. */
    void asked() {
        chat.raw().end();
        inside.close();
        inside = null;
    }

    /**
     * The model has returned. If it reported the handler's exception and no end, it has ended with that exception, as a model may do
     * that runs in the application itself.
     */
    void returned() {
        asked();
        if (reportedHere != null) {
            failed(reportedHere);
        }
    }

    void failed(Throwable thrown) {
        // When a stream was cancelled, the exception that ends it depends on the client.
        chat.failed(provider, askedModel, cancelled ? new CancellationException() : thrown, true);
    }

    @Override
    public void onPartialResponse(String partialResponse) {
        arrived(() -> handler.onPartialResponse(partialResponse));
    }

    @Override
    public void onPartialResponse(PartialResponse partialResponse, PartialResponseContext context) {
        arrived(() -> handler.onPartialResponse(
                partialResponse, new PartialResponseContext(new Handle(context.streamingHandle()))));
    }

    @Override
    public void onPartialThinking(PartialThinking partialThinking) {
        arrived(() -> handler.onPartialThinking(partialThinking));
    }

    @Override
    public void onPartialThinking(PartialThinking partialThinking, PartialThinkingContext context) {
        arrived(() -> handler.onPartialThinking(
                partialThinking, new PartialThinkingContext(new Handle(context.streamingHandle()))));
    }

    @Override
    public void onPartialToolCall(PartialToolCall partialToolCall) {
        arrived(() -> handler.onPartialToolCall(partialToolCall));
    }

    @Override
    public void onPartialToolCall(PartialToolCall partialToolCall, PartialToolCallContext context) {
        arrived(() -> handler.onPartialToolCall(
                partialToolCall, new PartialToolCallContext(new Handle(context.streamingHandle()))));
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall completeToolCall) {
        begins();
        guarded(() -> inScope(() -> handler.onCompleteToolCall(completeToolCall)));
    }

    @Override
    public void onUnmappedRawEvent(Object rawEvent) {
        Guarded.said("a part of its answer", () -> {
            chat.unmapped().streamed(Used.text(rawEvent, "data"));
            return null;
        });
        passedOn(() -> handler.onUnmappedRawEvent(rawEvent));
    }

    @Override
    public void onCompleteResponse(ChatResponse completeResponse) {
        chat.answered(provider, askedModel, completeResponse);
        inScope(() -> handler.onCompleteResponse(completeResponse));
    }

    @Override
    public void onError(Throwable error) {
        if (error == null || error != thrownByHandler) {
            failed(error);
        } else if (isBeingAskedHere()) {
            reportedHere = error;
        }
        inScope(() -> handler.onError(error));
    }

    private void arrived(Runnable callback) {
        begins();
        passedOn(callback);
    }

    private void begins() {
        try {
            chat.call().firstToken();
        } catch (Throwable stackIsFull) {
            // The handler gets the part.
        }
    }

    /**
     * What the handler asks is not a part of this call. A model that runs in the application itself may call the handler on the
     * thread that asks it, or on one to which it has taken the scope. Any other thread is outside of this call anyway, and entering
     * the scope there for each part would cost too much.
     */
    private void passedOn(Runnable callback) {
        guarded(isBeingAskedHere() || isInsideCall() ? () -> inScope(callback) : callback);
    }

    private boolean isBeingAskedHere() {
        return Thread.currentThread() == asker && inside != null;
    }

    /** Whether this thread has the scope of this call, with the mark of a call inside. Looks once for all parts that it brings. */
    private boolean isInsideCall() {
        if (place == null || place.scope().insideCall()) {
            return false;
        }
        Look look = lastLook;
        if (look.thread() != Thread.currentThread()) {
            look = new Look(Thread.currentThread(), hasMark());
            lastLook = look;
        }
        return look.insideCall();
    }

    private boolean hasMark() {
        try {
            return scopes.current()
                    .filter(here -> here.insideCall() && here.isSameAs(place.scope()))
                    .isPresent();
        } catch (Throwable unreadable) {
            return false;
        }
    }

    /** LangChain4j tells the handler of its own exceptions by {@code onError}, and reads on. */
    private void guarded(Runnable callback) {
        try {
            callback.run();
        } catch (Throwable thrown) {
            thrownByHandler = thrown;
            throw thrown;
        }
    }

    private void inScope(Runnable callback) {
        if (place == null) {
            outsideCall(callback);
            return;
        }
        AtomicBoolean begun = new AtomicBoolean();
        try {
            place.snapshot()
                    .wrap(() -> {
                        begun.set(true);
                        callback.run();
                    })
                    .run();
        } catch (Throwable thrown) {
            if (begun.get()) {
                throw thrown;
            }
            Guarded.log(
                    Level.ERROR,
                    "The code after a streamed answer runs without its call scope, because the scope cannot be entered",
                    thrown);
            callback.run();
        }
    }

    /** Without a scope, the mark of a call belongs to the thread. What the handler asks on this thread is not a part of this call. */
    private void outsideCall(Runnable callback) {
        if (!isBeingAskedHere()) {
            callback.run();
            return;
        }
        CallScope.Handle mark = inside;
        // The callback may cancel the stream, and the model may then call the handler once more within it.
        inside = null;
        mark.close();
        try {
            callback.run();
        } finally {
            inside = chat.call().enter();
        }
    }

    /** What a look at a thread's scope has shown. */
    private record Look(Thread thread, boolean insideCall) {}

    /** Marks the stream as cancelled before it cancels it, since the failure may at once come on another thread. */
    private final class Handle implements StreamingHandle {

        private final StreamingHandle handle;

        Handle(StreamingHandle handle) {
            this.handle = handle;
        }

        @Override
        public void cancel() {
            cancelled = true;
            try {
                handle.cancel();
            } catch (Throwable notCancelled) {
                cancelled = false;
                throw notCancelled;
            }
            failed(new CancellationException());
        }

        @Override
        public boolean isCancelled() {
            return handle.isCancelled();
        }
    }
}
