package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A provider's usage object")
class UsageObjectTest {

    static Stream<Arguments> objects() {
        return Stream.of(
                Arguments.of(
                        "Anthropic's thinking is reasoning, and its cache is beside the input",
                        """
                        {"input_tokens": 4, "cache_creation_input_tokens": 426, "cache_read_input_tokens": 14210, "output_tokens": 290,
                         "output_tokens_details": {"thinking_tokens": 15}, "inference_geo": "global"}""",
                        new TokenUsage(14640, 290, 14210, 426, 15)),
                Arguments.of(
                        "a compaction of Anthropic's is added, its own messages are in the sum",
                        """
                        {"input_tokens": 100, "output_tokens": 20, "iterations": [
                          {"type": "compaction", "input_tokens": 1000, "cache_read_input_tokens": 50, "output_tokens": 30},
                          {"type": "message", "input_tokens": 100, "output_tokens": 20}]}""",
                        new TokenUsage(1150, 50, 50, 0, 0)),
                Arguments.of(
                        "an advisor of Anthropic's is another model, with another price",
                        """
                        {"input_tokens": 100, "output_tokens": 20, "iterations": [
                          {"type": "advisor_message", "model": "m-2", "input_tokens": 9, "output_tokens": 9}]}""",
                        TokenUsage.of(100, 20).with(UsageDoubt.INCOMPLETE)),
                Arguments.of(
                        "where Anthropic thinks, and how fast, changes the price",
                        "{\"input_tokens\": 1, \"output_tokens\": 2, \"inference_geo\": \"us\"}",
                        TokenUsage.of(1, 2).with(UsageDoubt.INCOMPLETE)),
                Arguments.of(
                        "OpenAI's writes to its cache are parts of the input",
                        "{\"input_tokens\": 8576, \"input_tokens_details\": {\"cache_write_tokens\": 4418}, \"output_tokens\": 52}",
                        new TokenUsage(8576, 52, 0, 4418, 0)),
                Arguments.of(
                        "Gemini's cached documents are cached images",
                        """
                        {"promptTokenCount": 328, "cachedContentTokenCount": 220, "candidatesTokenCount": 63, "totalTokenCount": 391,
                         "cacheTokensDetails": [{"modality": "DOCUMENT", "tokenCount": 173}, {"modality": "TEXT", "tokenCount": 47}],
                         "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 70}, {"modality": "DOCUMENT", "tokenCount": 258}]}""",
                        new TokenUsage(328, 63, 220, 0, 0)
                                .with("cache_image_read_tokens", 173)
                                .with("input_image_tokens", 258)),
                Arguments.of(
                        "a total has output that was not told",
                        "{\"prompt_tokens\": 5, \"completion_tokens\": 6, \"total_tokens\": 20}",
                        TokenUsage.of(5, 15).with(UsageDoubt.INCOMPLETE)),
                Arguments.of(
                        "an absent count is unknown",
                        "{\"prompt_tokens\": 5}",
                        TokenUsage.of(5, 0).with(UsageDoubt.OUTPUT_UNKNOWN)),
                Arguments.of(
                        "what no int holds is not priced",
                        "{\"prompt_tokens\": 99999999999999999999999, \"completion_tokens\": 1}",
                        TokenUsage.of(Integer.MAX_VALUE, 1).with(UsageDoubt.CONTRADICTORY)));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is counted as our records count:")
    @MethodSource("objects")
    void counted(String rule, String json, TokenUsage tokens) {
        assertThat(UsageObject.read(json).orElseThrow().tokens()).isEqualTo(tokens);
    }

    @Test
    @DisplayName("says a cost, but for one of 0 with a key of one's own")
    void cost() {
        assertThat(UsageObject.read("{\"prompt_tokens\": 1, \"cost\": 0.25}")
                        .orElseThrow()
                        .costUsd())
                .isEqualTo(0.25);
        assertThat(UsageObject.read("{\"prompt_tokens\": 1, \"cost\": 0, \"is_byok\": true}")
                        .orElseThrow()
                        .costUsd())
                .isNull();
    }

    @ParameterizedTest
    @DisplayName("that has no count is none")
    @ValueSource(strings = {"{}", "[]", "7", "{", "{\"prompt_tokens\": \"many\"}", "{\"prompt_tokens\": 1.5}"})
    void none(String json) {
        assertThat(UsageObject.read(json)).isEmpty();
    }
}
