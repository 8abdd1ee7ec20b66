package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.googleai.GoogleAiGeminiChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A prompt counts as blocked")
class BlockedPromptTest {

    @Test
    @DisplayName(
            "after the NullPointerException of LangChain4j's Gemini class and after no other exception, even without a stack trace")
    void exceptions() {
        NullPointerException withoutTrace = new NullPointerException();
        withoutTrace.setStackTrace(new StackTraceElement[0]);

        assertThat(BlockedPrompt.is(withoutTrace, "gcp.gemini")).isTrue();
        assertThat(BlockedPrompt.is(withoutTrace, "openai")).isFalse();
        assertThat(BlockedPrompt.is(new NullPointerException(), "gcp.gemini"))
                .as("one of another place")
                .isFalse();
        assertThat(BlockedPrompt.is(new IllegalStateException(), "gcp.gemini")).isFalse();
    }

    @Test
    @DisplayName("after an answer from Google that is empty and counts no tokens")
    void answers() {
        assertThat(isBlocked(null, null, null)).isTrue();
        assertThat(isBlocked("Empty response", FinishReason.OTHER, new TokenUsage(0, 0)))
                .isTrue();
        assertThat(isBlocked(null, FinishReason.STOP, null)).isFalse();
        assertThat(isBlocked("fox", null, null)).isFalse();
        assertThat(isBlocked("fox", FinishReason.OTHER, new TokenUsage(5, 1))).isFalse();
        assertThat(BlockedPrompt.is(
                        ChatResponse.builder().aiMessage(new AiMessage("fox")).build(), new RawCall()))
                .isFalse();
    }

    private static boolean isBlocked(String text, FinishReason reason, TokenUsage usage) {
        return BlockedPrompt.is(
                ChatResponse.builder()
                        .aiMessage(AiMessage.builder().text(text).build())
                        .metadata(GoogleAiGeminiChatResponseMetadata.builder()
                                .finishReason(reason)
                                .tokenUsage(usage)
                                .build())
                        .build(),
                new RawCall());
    }
}
