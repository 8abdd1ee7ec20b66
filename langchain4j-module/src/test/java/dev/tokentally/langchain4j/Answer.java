package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What an application does with a streamed answer. */
final class Answer implements StreamingChatResponseHandler {

    Consumer<PartialResponseContext> onPart = context -> {};
    Runnable onToolCall = () -> {};
    Runnable onComplete = () -> {};

    private final StringBuffer text = new StringBuffer();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Throwable error;

    @Override
    public void onPartialResponse(PartialResponse partialResponse, PartialResponseContext context) {
        text.append(partialResponse.text());
        onPart.accept(context);
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall completeToolCall) {
        onToolCall.run();
    }

    @Override
    public void onCompleteResponse(ChatResponse completeResponse) {
        onComplete.run();
        end();
    }

    @Override
    public void onError(Throwable thrown) {
        error = thrown;
        if (!(thrown instanceof IllegalStateException)) {
            end();
        }
    }

    void end() {
        ended.countDown();
    }

    /** The minute is for a build that hangs, and not for a slow machine. */
    void await() {
        try {
            assertThat(ended.await(1, TimeUnit.MINUTES)).as("ended").isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String text() {
        return text.toString();
    }

    Throwable error() {
        return error;
    }
}
