package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.usage.TokenCounts;
import java.time.Instant;
import java.util.List;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("LiteLLM's list")
class LiteLlmPricesTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private static final String SAMPLE = """
            "sample_spec": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "litellm_provider": "one of …",
                "max_tokens": "LEGACY parameter", "supported_regions": ["global"]}""";

    private static final String GPT = """
            "gpt-4o-mini": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1.5e-07,
                "output_cost_per_token": 6e-07, "cache_read_input_token_cost": 7.5e-08, "max_tokens": 16384,
                "supports_vision": true, "search_context_cost_per_query": {"search_context_size_low": 0.03}}""";

    @Test
    @DisplayName("has exact prices for tokens, from always, whose reasoning and cache are priced apart")
    void prices() throws PriceFileException {
        PriceTable table = table(SAMPLE, GPT, """
                "xai/grok": {"litellm_provider": "xai", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
                    "output_cost_per_reasoning_token": 2.5e-06, "cache_creation_input_token_cost": 3.75e-06}""");

        assertThat(table.find("openai", "gpt-4o-mini-2024-07-18", Instant.EPOCH, 1)
                        .costOf(new TokenCounts(1_000_000, 1_000_000, 400_000, 0, 0)))
                .isEqualByComparingTo("0.72");
        assertThat(table.find("x_ai", "grok", NOW, 1)
                        .costOf(new TokenCounts(1_000_000, 1_000_000, 0, 500_000, 200_000)))
                .isEqualByComparingTo("15.875");
        assertThat(table.find("", "sample_spec", NOW, 1)).isNull();
    }

    @Test
    @DisplayName("has keys with and without the provider before the model")
    void keys() throws PriceFileException {
        PriceTable table = table(
                model("azure/gpt-4o", "azure", 1),
                model("azure/eu/gpt-4o", "azure", 2),
                model("bedrock/us-east-1/anthropic.claude-v1", "bedrock", 3),
                model("anthropic.claude-sonnet-4-20250514-v1:0", "bedrock_converse", 4),
                model("vertex_ai/claude-sonnet-4@20250514", "vertex_ai-anthropic_models", 5),
                model("gemini/gemini-2.5-pro", "gemini", 6),
                model("openrouter/openai/gpt-4o", "openrouter", 7),
                model("no/provider", null, 8));

        assertThat(input(table, "azure.ai.openai", "gpt-4o")).isEqualTo("1");
        assertThat(input(table, "azure", "eu/gpt-4o")).isEqualTo("2");
        assertThat(input(table, "aws.bedrock", "us-east-1/anthropic.claude-v1")).isEqualTo("3");
        assertThat(input(table, "aws.bedrock", "anthropic.claude-sonnet-4-20250514-v1:0"))
                .isEqualTo("4");
        assertThat(input(table, "gcp.vertex_ai", "claude-sonnet-4@20250514")).isEqualTo("5");
        assertThat(input(table, "gcp.gemini", "gemini-2.5-pro")).isEqualTo("6");
        assertThat(input(table, "openrouter", "openai/gpt-4o")).isEqualTo("7");
        assertThat(input(table, "", "no/provider")).isEqualTo("8");
    }

    @Test
    @DisplayName("has other prices for long prompts, of which the output may stay the same")
    void longPrompts() throws PriceFileException {
        PriceTable table = table("""
                "gemini/g": {"litellm_provider": "gemini", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-05,
                    "cache_read_input_token_cost": 1e-07, "input_cost_per_token_above_200k_tokens": 2e-06,
                    "input_cost_per_token_above_128k_tokens": 1.5e-06, "cache_read_input_token_cost_above_200k_tokens": 2e-07,
                    "output_cost_per_token_above_200k_tokens": 2e-05, "input_cost_per_token_above_k_tokens": 1,
                    "input_cost_per_token_above_200k_tokens_priority": 9e-06}""");

        assertThat(cost(table, 128_000, 1000, 1000)).isEqualTo("0.1371");
        assertThat(cost(table, 128_001, 1000, 0)).isEqualTo("0.2020015");
        assertThat(cost(table, 200_000, 1000, 0)).isEqualTo("0.31");
        assertThat(cost(table, 200_001, 1000, 1000)).isEqualTo("0.418202");
    }

    private static String cost(PriceTable table, int input, int output, int cached) {
        return table.find("gcp.gemini", "g", NOW, input)
                .costOf(new TokenCounts(input, output, cached, 0, 0))
                .stripTrailingZeros()
                .toPlainString();
    }

    @Test
    @DisplayName("may have odd entries, which are left out and told of in one line, and others than models of text")
    void odd() throws PriceFileException {
        CapturedLog log = CapturedLog.of(LiteLlmPrices.class.getName());
        try {
            PriceTable table = table(
                    GPT,
                    "\"negative\\nFAKE\": {\"input_cost_per_token\": -1e-06, \"output_cost_per_token\": 1e-06}",
                    "\"text\": {\"input_cost_per_token\": \"1e-06\", \"output_cost_per_token\": 1e-06}",
                    "\"absurd\": {\"input_cost_per_token\": 1, \"output_cost_per_token\": 1e-06}",
                    "\"endless\": {\"input_cost_per_token\": 1e-99999, \"output_cost_per_token\": 1e-06}",
                    "\"nothing\": null",
                    "\"number\": 5",
                    "\"nobody\": {\"litellm_provider\": 5, \"input_cost_per_token\": 1e-06, \"output_cost_per_token\": 1e-06}",
                    "\"image\": {\"mode\": \"image_generation\", \"output_cost_per_image\": 0.06}",
                    "\"embedding\": {\"mode\": \"embedding\", \"input_cost_per_token\": 2e-08, \"output_cost_per_token\": 0.0}",
                    model("twice", "openai", 1),
                    model("openai/twice", "openai", 1),
                    model("differs", "openai", 1),
                    model("openai/differs", "openai", 2));

            for (String left : List.of("negative\nFAKE", "text", "absurd", "endless", "nobody", "image")) {
                assertThat(table.find("", left, NOW, 1)).as(left).isNull();
            }
            assertThat(input(table, "openai", "gpt-4o-mini")).isEqualTo("0.15");
            assertThat(input(table, "", "embedding")).isEqualTo("0.02");
            assertThat(input(table, "openai", "twice")).isEqualTo("1");
            assertThat(input(table, "openai", "differs")).isEqualTo("1");
        } finally {
            log.close();
        }
        assertThat(log.lines())
                .filteredOn(line -> line.getLevel().getName().equals("WARNING"))
                .extracting(LogRecord::getMessage)
                .singleElement()
                .asString()
                .startsWith("8 entries of LiteLLM's list are left out")
                .contains("\"negative FAKE\" (input_cost_per_token must not be negative)", "…")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @DisplayName("that is none is refused")
    @ValueSource(
            strings = {
                "{",
                "{}",
                "{\"a\": {\"input_cost_per_token\": NaN}}",
                "{\"a\": 1} x",
                "{\"a\": {\"mode\": \"chat\"}}",
                "{\"a\": {\"input_cost_per_token\": 1e-06, \"output_cost_per_token\": 1e999999999999}}",
                "{\"prices\": []}"
            })
    void malformed(String text) {
        assertThatThrownBy(() -> LiteLlmPrices.parse(text))
                .isInstanceOf(PriceFileException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200).doesNotContain("\n"));
    }

    private static String model(String key, String provider, int dollars) {
        return "\"" + key + "\": {" + (provider == null ? "" : "\"litellm_provider\": \"" + provider + "\", ")
                + "\"input_cost_per_token\": " + dollars + "e-06, \"output_cost_per_token\": " + dollars + "e-05}";
    }

    private static PriceTable table(String... entries) throws PriceFileException {
        return PriceTable.of(List.of(), LiteLlmPrices.parse("{" + String.join(",\n", entries) + "}"));
    }

    private static String input(PriceTable table, String provider, String model) {
        return table.find(provider, model, NOW, 1).input().toPlainString();
    }
}
