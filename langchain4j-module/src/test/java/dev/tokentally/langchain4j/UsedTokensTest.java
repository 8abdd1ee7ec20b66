package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.bedrock.BedrockTokenUsage;
import dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The tokens that LangChain4j reports")
class UsedTokensTest {

    static Stream<Arguments> usages() {
        return Stream.of(
                Arguments.of(
                        "OpenAI, whose input includes cached tokens and whose output includes reasoning",
                        OpenAiTokenUsage.builder()
                                .inputTokenCount(2006)
                                .inputTokensDetails(OpenAiTokenUsage.InputTokensDetails.builder()
                                        .cachedTokens(1920)
                                        .build())
                                .outputTokenCount(300)
                                .outputTokensDetails(OpenAiTokenUsage.OutputTokensDetails.builder()
                                        .reasoningTokens(120)
                                        .build())
                                .totalTokenCount(2306)
                                .build(),
                        new TokenUsage(2006, 300, 1920, 0, 120)),
                Arguments.of(
                        "OpenAI without details",
                        OpenAiTokenUsage.builder()
                                .inputTokenCount(19)
                                .outputTokenCount(10)
                                .build(),
                        new TokenUsage(19, 10, 0, 0, 0)),
                Arguments.of(
                        "Anthropic, whose input does not include what was read from the cache or written to it",
                        AnthropicTokenUsage.builder()
                                .inputTokenCount(21)
                                .outputTokenCount(393)
                                .cacheCreationInputTokens(188)
                                .cacheReadInputTokens(188086)
                                .build(),
                        new TokenUsage(188295, 393, 188086, 188, 0).with(UsageDoubt.INCOMPLETE)),
                Arguments.of(
                        "Anthropic without a cache",
                        AnthropicTokenUsage.builder()
                                .inputTokenCount(21)
                                .outputTokenCount(393)
                                .build(),
                        new TokenUsage(21, 393, 0, 0, 0)),
                Arguments.of(
                        "Bedrock, whose input does not include what was read from the cache or written to it",
                        BedrockTokenUsage.builder()
                                .inputTokenCount(21)
                                .outputTokenCount(393)
                                .cacheWriteInputTokens(188)
                                .cacheReadInputTokens(1000)
                                .build(),
                        new TokenUsage(1209, 393, 1000, 188, 0).with(UsageDoubt.INCOMPLETE)),
                Arguments.of(
                        "Bedrock that only reads its cache",
                        BedrockTokenUsage.builder()
                                .inputTokenCount(21)
                                .outputTokenCount(393)
                                .cacheReadInputTokens(1000)
                                .build(),
                        new TokenUsage(1021, 393, 1000, 0, 0)),
                Arguments.of(
                        "Gemini, whose output does not include its thoughts",
                        GoogleAiGeminiTokenUsage.builder()
                                .inputTokenCount(696219)
                                .outputTokenCount(214)
                                .totalTokenCount(697433)
                                .cachedContentTokenCount(696190)
                                .thoughtsTokenCount(1000)
                                .build(),
                        new TokenUsage(696219, 1214, 696190, 0, 1000)),
                Arguments.of(
                        "any other provider",
                        new dev.langchain4j.model.output.TokenUsage(5, 6),
                        new TokenUsage(5, 6, 0, 0, 0)),
                Arguments.of(
                        "one that counts the input only",
                        new dev.langchain4j.model.output.TokenUsage(5),
                        new TokenUsage(5, 0, 0, 0, 0).with(UsageDoubt.OUTPUT_UNKNOWN)),
                Arguments.of(
                        "one that counts the output only",
                        new dev.langchain4j.model.output.TokenUsage(null, 6),
                        new TokenUsage(0, 6, 0, 0, 0).with(UsageDoubt.INPUT_UNKNOWN)),
                Arguments.of(
                        "one that reports only a total",
                        new dev.langchain4j.model.output.TokenUsage(null, null, 11),
                        new TokenUsage(11, 0, 0, 0, 0).with(UsageDoubt.TOTAL_ALONE)),
                Arguments.of(
                        "Jina, which reports only a total, and an output of 0",
                        new dev.langchain4j.model.output.TokenUsage(null, 0, 815),
                        new TokenUsage(815, 0, 0, 0, 0).with(UsageDoubt.TOTAL_ALONE)),
                Arguments.of(
                        "one that reports 0 for what the provider does not give",
                        new dev.langchain4j.model.output.TokenUsage(0, 0, 815),
                        new TokenUsage(815, 0, 0, 0, 0).with(UsageDoubt.TOTAL_ALONE)),
                Arguments.of(
                        "one that reports an output and an input of 0, though every call has an input",
                        new dev.langchain4j.model.output.TokenUsage(0, 6, 6),
                        new TokenUsage(0, 6, 0, 0, 0).with(UsageDoubt.INPUT_UNKNOWN)),
                Arguments.of(
                        "Anthropic that read the whole input from its cache",
                        AnthropicTokenUsage.builder()
                                .inputTokenCount(0)
                                .outputTokenCount(6)
                                .cacheReadInputTokens(1000)
                                .build(),
                        new TokenUsage(1000, 6, 1000, 0, 0)),
                Arguments.of(
                        "one whose total counts the reasoning in addition to the output",
                        OpenAiTokenUsage.builder()
                                .inputTokenCount(32)
                                .outputTokenCount(9)
                                .outputTokensDetails(OpenAiTokenUsage.OutputTokensDetails.builder()
                                        .reasoningTokens(310)
                                        .build())
                                .totalTokenCount(351)
                                .build(),
                        new TokenUsage(32, 319, 0, 0, 310)),
                Arguments.of(
                        "one whose total is larger than the sum of its counts",
                        new dev.langchain4j.model.output.TokenUsage(5, 6, 20),
                        new TokenUsage(5, 15, 0, 0, 0).with(UsageDoubt.INCOMPLETE)),
                Arguments.of(
                        "one whose total is too small",
                        new dev.langchain4j.model.output.TokenUsage(5, 6, 7),
                        new TokenUsage(5, 6, 0, 0, 0)),
                Arguments.of(
                        "Gemini, whose tool prompts LangChain4j drops",
                        GoogleAiGeminiTokenUsage.builder()
                                .inputTokenCount(100)
                                .outputTokenCount(20)
                                .totalTokenCount(170)
                                .thoughtsTokenCount(30)
                                .build(),
                        new TokenUsage(100, 50, 0, 0, 30).with(UsageDoubt.CONTRADICTORY)),
                Arguments.of(
                        "Gemini with thoughts and without an answer",
                        GoogleAiGeminiTokenUsage.builder()
                                .inputTokenCount(100)
                                .totalTokenCount(130)
                                .thoughtsTokenCount(30)
                                .build(),
                        new TokenUsage(100, 30, 0, 0, 30)),
                Arguments.of(
                        "more than an int holds",
                        AnthropicTokenUsage.builder()
                                .inputTokenCount(Integer.MAX_VALUE)
                                .cacheReadInputTokens(10)
                                .build(),
                        new TokenUsage(Integer.MAX_VALUE, 0, 10, 0, 0)
                                .with(UsageDoubt.OUTPUT_UNKNOWN)
                                .with(UsageDoubt.CONTRADICTORY)));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("are counted as our records count:")
    @MethodSource("usages")
    void counted(String provider, dev.langchain4j.model.output.TokenUsage told, TokenUsage counted) {
        assertThat(UsedTokens.of(told)).isEqualTo(counted);
    }

    @Test
    @DisplayName("are unknown, and not 0, if it reports none")
    void unknown() {
        assertThat(UsedTokens.of(null)).isNull();
        assertThat(UsedTokens.of(new dev.langchain4j.model.output.TokenUsage())).isNull();
        assertThat(UsedTokens.of(new dev.langchain4j.model.output.TokenUsage(0, 0)))
                .isNull();
    }

    @Test
    @DisplayName("contradict each other if Google's total is larger, because the rest may be input or output")
    void google() {
        assertThat(UsedTokens.of(new dev.langchain4j.model.output.TokenUsage(5, 6, 20), "gcp.gen_ai"))
                .isEqualTo(TokenUsage.of(5, 6).with(UsageDoubt.CONTRADICTORY));
    }

    @Test
    @DisplayName("are found in a subclass of a provider's class")
    void derived() {
        AnthropicTokenUsage told = new AnthropicTokenUsage(
                AnthropicTokenUsage.builder().inputTokenCount(1).cacheReadInputTokens(2)) {};

        assertThat(UsedTokens.of(told)).isEqualTo(new TokenUsage(3, 0, 2, 0, 0).with(UsageDoubt.OUTPUT_UNKNOWN));
    }
}
