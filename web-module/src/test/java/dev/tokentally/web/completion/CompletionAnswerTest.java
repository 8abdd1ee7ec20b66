package dev.tokentally.web.completion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.config.Settings;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.web.MapConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The answer to a completion")
class CompletionAnswerTest {

    private static final UUID CALL = UUID.fromString("0190163d-8694-739b-aea5-966c26f8ad91");
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    @TempDir
    Path directory;

    private PriceList prices;

    @BeforeEach
    void readPrices() throws IOException {
        Path file = Files.writeString(directory.resolve("prices.csv"), """
                provider,model,from,kind,input,output
                me,m,2026-01-01,,1,2
                me,r,2026-01-01,rerank,3,
                """);
        prices = new PriceList(new Settings(new MapConfig(Map.of("tokentally.prices.file", file.toString()))));
    }

    @Test
    @DisplayName("has the content, the model, the tokens, the cost and the call's id")
    void all() {
        // 1000*1 + 500*2
        assertThat(answer(response("m", TokenUsage.of(1000, 500))))
                .isEqualTo("{\"content\":\"fox\",\"model\":\"m\",\"input_tokens\":1000,\"output_tokens\":500,"
                        + "\"cost_usd\":0.002,\"call_id\":\"" + CALL + "\"}");
        assertThat(answer(new LlmResponse<>(null, null, null, null, null)))
                .isEqualTo("{\"content\":\"\",\"model\":\"\",\"input_tokens\":0,\"output_tokens\":0,\"cost_usd\":0,"
                        + "\"call_id\":\"" + CALL + "\"}");
        assertThat(answer(new LlmResponse<>("fox", "me", "m", TokenUsage.of(1000, 500), 0.25)))
                .contains("\"cost_usd\":0.25,");
    }

    @Test
    @DisplayName("has the cost and the tokens of its row, whatever the adapter gives")
    void likeItsRow() {
        assertThat(answer(response("m", TokenUsage.of(1000, 500).with("moon_minutes", 3))))
                .as("a meter that nobody knows is left out of the row, which is not priced")
                .contains("\"input_tokens\":1000,\"output_tokens\":500,\"cost_usd\":0,");
        assertThat(answer(response("r", TokenUsage.of(1000, 0).with(UsageDoubt.TOTAL_ALONE))
                        .withKind("rerank")))
                .as("a total alone is the input of a reranking")
                .contains("\"input_tokens\":1000,\"output_tokens\":0,\"cost_usd\":0.003,");
        assertThat(answer(response("m", TokenUsage.of(1000, 0).with(UsageDoubt.TOTAL_ALONE))))
                .as("a total alone counts nothing for a chat")
                .contains("\"input_tokens\":0,\"output_tokens\":0,\"cost_usd\":0,");
        assertThat(answer(response("m", TokenUsage.of(-5, 500))))
                .contains("\"input_tokens\":0,\"output_tokens\":500,\"cost_usd\":0,");
    }

    private static LlmResponse<String> response(String model, TokenUsage tokens) {
        return new LlmResponse<>("fox", "me", model, tokens, null);
    }

    private String answer(LlmResponse<String> response) {
        return new String(CompletionAnswer.of(response, CALL, NOW, prices), StandardCharsets.UTF_8);
    }
}
