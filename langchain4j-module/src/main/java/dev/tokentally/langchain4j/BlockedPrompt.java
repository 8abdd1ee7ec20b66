package dev.tokentally.langchain4j;

import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A prompt that Gemini does not let through: its answer has no candidates, but says what the prompt used. The ordinary
 * model of LangChain4j 1.19 fails over it with an exception that says nothing; its streaming model takes it for an empty answer.
 */
final class BlockedPrompt {

    private static final String GEMINI = "dev.langchain4j.model.googleai.";
    private static final String READING = "processResponse";
    private static final String METADATA = GEMINI + "GoogleAiGeminiChatResponseMetadata";

    private static final Pattern JDK = Pattern.compile("(java|jdk)\\.");

    private BlockedPrompt() {}

    /** What the row of such a call says that happened. */
    static Throwable failure() {
        return new ContentFilteredException("The provider does not let the prompt through");
    }

    /** Whether an exception is what LangChain4j's ordinary model fails with. */
    static boolean is(Throwable thrown) {
        if (!(thrown instanceof NullPointerException || thrown instanceof IndexOutOfBoundsException)) {
            return false;
        }
        // An empty list fails in the list, a missing one in the model.
        return Arrays.stream(thrown.getStackTrace())
                .filter(frame -> !JDK.matcher(frame.getClassName()).lookingAt())
                .findFirst()
                .filter(frame -> frame.getClassName().startsWith(GEMINI)
                        && frame.getMethodName().equals(READING))
                .isPresent();
    }

    /**
     * Whether an answer is what LangChain4j makes of it: newer versions say why, and 1.19 has an empty answer of a stream,
     * without the reason that Gemini ends any other with.
     */
    static boolean is(ChatResponse response) {
        return !Used.text(response.metadata(), "blockReason").isEmpty() || isEmpty(response);
    }

    private static boolean isEmpty(ChatResponse response) {
        return response.metadata().getClass().getName().equals(METADATA)
                && response.tokenUsage() == null
                && response.finishReason() == null
                && response.aiMessage().text() == null
                && !response.aiMessage().hasToolExecutionRequests();
    }
}
