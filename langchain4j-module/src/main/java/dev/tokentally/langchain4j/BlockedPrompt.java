package dev.tokentally.langchain4j;

import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A prompt that Gemini blocks. Gemini's answer then has no candidates, but says what the prompt used. The ordinary model of
 * LangChain4j 1.19 fails on it with an exception that does not say so. Its streaming model takes it for an empty answer.
 */
final class BlockedPrompt {

    private static final String GOOGLE = "dev.langchain4j.model.google";
    private static final String GEMINI = GOOGLE + "ai.";
    private static final String PROVIDER = "gcp.gemini";
    private static final String READING = "processResponse";
    private static final Pattern JDK = Pattern.compile("(java|jdk)\\.");

    private BlockedPrompt() {}

    /** The failure that the row of such a call shows. */
    static Throwable failure() {
        return new ContentFilteredException("The provider does not let the prompt through");
    }

    /** Whether an exception is the one with which LangChain4j's ordinary model fails; {@code provider} as our rows name it. */
    static boolean is(Throwable thrown, String provider) {
        if (!(thrown instanceof NullPointerException || thrown instanceof IndexOutOfBoundsException)
                || !provider.equals(PROVIDER)) {
            return false;
        }
        if (thrown.getStackTrace().length == 0) {
            // The JVM leaves out the stack trace if it has thrown the same exception often enough.
            return true;
        }
        // If the list of candidates is empty, Java's list throws; if it is missing, LangChain4j's model throws.
        return Arrays.stream(thrown.getStackTrace())
                .filter(frame -> !JDK.matcher(frame.getClassName()).lookingAt())
                .findFirst()
                .filter(frame -> frame.getClassName().startsWith(GEMINI)
                        && frame.getMethodName().equals(READING))
                .isPresent();
    }

    /**
     * Whether an answer is the empty one that LangChain4j makes of a blocked prompt. Newer versions give the reason, and so does
     * the raw answer if there is one.
     */
    static boolean is(ChatResponse response, RawCall raw) {
        ChatResponseMetadata metadata = response.metadata();
        if (!metadata.getClass().getName().startsWith(GOOGLE)) {
            return false;
        }
        return !Used.text(metadata, "blockReason").isEmpty()
                || isEmpty(response)
                || Used.kept(metadata).or(raw::usage).map(RawUsage::blocked).orElse(false);
    }

    /** Gemini gives every other answer a finish reason and counts its tokens. Google's own client invents a reason and a text. */
    private static boolean isEmpty(ChatResponse response) {
        return UsedTokens.of(response.tokenUsage()) == null
                && !response.aiMessage().hasToolExecutionRequests()
                && (response.finishReason() == null && response.aiMessage().text() == null
                        || response.finishReason() == FinishReason.OTHER);
    }
}
