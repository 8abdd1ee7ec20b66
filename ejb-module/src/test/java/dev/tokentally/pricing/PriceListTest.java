package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The price list")
class PriceListTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final TokenCounts MILLION = new TokenCounts(1_000_000, 1_000_000, 0, 0, 0);
    private static final TokenCounts HUNDRED_THOUSAND = new TokenCounts(100_000, 100_000, 0, 0, 0);

    @TempDir
    Path directory;

    @ParameterizedTest(name = "{0} {1} costs {2}")
    @DisplayName("comes with the common models, under the names that providers answer with")
    @CsvSource({
        "openai, gpt-4o-2024-08-06, 1.25, price-list",
        "openai, gpt-4o-mini, 0.075, price-list",
        "azure.ai.openai, gpt-4.1, 1.00, partial",
        "OPEN_AI, o3-2025-04-16, 1.00, price-list",
        "anthropic, claude-sonnet-4-20250514, 1.80, price-list",
        "anthropic, claude-3-5-haiku-latest, 0.48, price-list",
        "gcp.vertex_ai, claude-opus-4@20250514, 9.00, partial",
        "gcp.gemini, gemini-2.5-flash, 0.28, price-list",
        "gcp.gemini, gemini-1.5-flash, 0.0375, price-list",
        "'', mistral-large-2512, 0.20, price-list",
        "x_ai, grok-3, 1.80, price-list",
        "deepseek, deepseek-chat, 0.07, price-list",
        "cohere, command-r-plus-08-2024, 1.25, price-list",
        "perplexity, sonar, 0.20, price-list",
        "groq, llama-3.3-70b-versatile, 0.138, price-list",
        "aws.bedrock, us.anthropic.claude-sonnet-4-5-20250929-v1:0, 1.98, price-list",
    })
    void shipped(String provider, String model, String cost, String source) {
        assertThat(prices(Map.of()).costOf(Cost.UNKNOWN, new CallUsage(provider, model, HUNDRED_THOUSAND), NOW))
                .satisfies(found -> {
                    assertThat(found.usd()).isEqualByComparingTo(cost);
                    assertThat(found.source()).isEqualTo(CostSource.ofLabel(source));
                });
    }

    @Test
    @DisplayName("says where each of its prices is from")
    void sources() throws IOException {
        String text =
                new String(PriceList.class.getResourceAsStream("prices.csv").readAllBytes(), StandardCharsets.UTF_8);

        assertThat(text.lines().filter(line -> !line.startsWith("#")).skip(1))
                .hasSizeGreaterThan(40)
                .allMatch(line -> line.matches(".*,[a-z.]+(/[a-z/-]+),20\\d\\d-\\d\\d-\\d\\d"));
    }

    @Test
    @DisplayName("says of a model that it has no output only if its name says so, too")
    void kindsWithoutOutput() throws PriceFileException {
        String text = Lists.text("prices.csv");

        assertThat(CsvPrices.lines(text))
                .filteredOn(line -> List.of("embedding", "moderation", "rerank").contains(line.kind()))
                .hasSizeGreaterThan(20)
                .extracting(CsvLine::model)
                .allMatch(model -> model.matches(".*(embed|moderation|rerank).*"));
    }

    @Test
    @DisplayName("is not used if the provider says the cost, even 0, and is used if the provider says nothing usable")
    void given() {
        PriceList prices = prices(Map.of());

        for (double said : new double[] {0.0, 0.25}) {
            assertThat(prices.costOf(Cost.given(said), new CallUsage("openai", "gpt-4o", MILLION), NOW))
                    .isEqualTo(Cost.given(said));
        }
        for (Double said : new Double[] {null, Double.NaN, -1.0, Double.POSITIVE_INFINITY, 1e30}) {
            assertThat(prices.costOf(Cost.given(said), new CallUsage("openai", "gpt-4o", MILLION), NOW)
                            .usd())
                    .isEqualByComparingTo("12.5");
        }
    }

    @Test
    @DisplayName("has no cost for a call whose tokens are not known, and a cost of 0 for a free model")
    void free() throws IOException {
        PriceList prices = prices(Map.of("tokentally.prices.file", file("""
                provider,model,from,input,output
                me,free,2024-01-01,0,0
                """)));

        assertThat(prices.costOf(Cost.UNKNOWN, new CallUsage("openai", "gpt-4o", TokenCounts.ZERO), NOW))
                .isEqualTo(Cost.UNKNOWN);
        assertThat(prices.costOf(Cost.UNKNOWN, new CallUsage("me", "free", MILLION), NOW))
                .isEqualTo(new Cost(Cost.UNKNOWN.usd(), CostSource.PRICE_LIST));
    }

    @Test
    @DisplayName("takes prices from a file of our format, which replaces a model's and leaves the others")
    void ownFile() throws IOException {
        PriceList prices = prices(Map.of("tokentally.prices.file", file("""
                \uFEFFprovider;model;from;input;output
                openai;gpt-4o;2026-01-01;1.00;2.00
                """)));

        assertThat(prices.costOf(Cost.UNKNOWN, new CallUsage("openai", "gpt-4o", MILLION), NOW)
                        .usd())
                .isEqualByComparingTo("3");
        assertThat(prices.costOf(
                        Cost.UNKNOWN,
                        new CallUsage("openai", "gpt-4o", MILLION),
                        Instant.parse("2025-12-31T23:59:59Z")))
                .isEqualTo(Cost.UNKNOWN);
        assertThat(prices.costOf(Cost.UNKNOWN, new CallUsage("openai", "gpt-4o-mini", MILLION), NOW)
                        .usd())
                .isEqualByComparingTo("0.75");
    }

    @Test
    @DisplayName("takes prices from LiteLLM's file, which it recognises by its content")
    void liteLlm() throws IOException {
        PriceList prices = prices(Map.of("tokentally.prices.file", file("""

                {"gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}
                """)));

        assertThat(prices.costOf(Cost.UNKNOWN, new CallUsage("openai", "gpt-4o", MILLION), NOW)
                        .usd())
                .isEqualByComparingTo("3");
    }

    @Test
    @DisplayName("refuses a file that does not exist, is not a regular file, is not text or has a mistake")
    void wrongFile() throws IOException {
        Path binary = Files.write(directory.resolve("binary.csv"), new byte[] {'a', (byte) 0xFF, 0});
        String wrong = file("provider,model,from,input,output\nopenai,gpt-4o,2026-01-01,much,2.00\n");

        refused(directory.resolve("none.csv").toString(), "there is no such file");
        refused(directory.toString(), "there is no such file");
        refused("/dev/zero", "there is no such file");
        refused("a\0b", "this is not a file name: Nul character not allowed");
        refused("a\ud83d", "this is not a file name: the server's locale lacks a character of it");
        refused(binary.toString(), "it is not in UTF-8");
        refused(wrong, "line 2: input is \"much\"");
        refused(file("{\"a\": "), "it is not readable JSON");
    }

    @Test
    @DisplayName("of 50 MB stops the deployment, with the key, the size and the limit")
    void large() throws IOException {
        Path file = directory.resolve("large.json");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(50_000_000);
        }

        refused(file.toString(), "it has 50000000 bytes, more than the allowed 16777216 (16 MiB)");
    }

    private static void refused(String file, String message) {
        assertThatThrownBy(() -> prices(Map.of("tokentally.prices.file", file)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("The configuration key tokentally.prices.file is set to \"" + file + "\"")
                .hasMessageContaining("a file of prices")
                .hasMessageContaining(message);
    }

    @Test
    @DisplayName("never throws, and never returns a cost that does not fit a row")
    void neverThrows() {
        PriceList prices = prices(Map.of());
        Random random = new Random(7);
        String[] names = {"", "openai", "gpt-4o", "gpt-4o-2024-08-06", "\uD800", "a/b", "-latest", "@20250514"};
        for (int i = 0; i < 100_000; i++) {
            int input = random.nextInt() >>> (1 + random.nextInt(31));
            int output = random.nextInt() >>> (1 + random.nextInt(31));
            TokenCounts tokens =
                    new TokenCounts(input, output, part(input, random), part(input, random), part(output, random));
            String provider = names[random.nextInt(names.length)];
            String model = names[random.nextInt(names.length)];
            Instant startedAt = random.nextInt(9) == 0 ? Instant.MIN : NOW.minusSeconds(random.nextInt());
            assertThatCode(() -> {
                        Cost cost = prices.costOf(Cost.UNKNOWN, new CallUsage(provider, model, tokens), startedAt);
                        assertThat(cost.usd().signum()).isNotNegative();
                        assertThat(cost.usd().scale()).isEqualTo(10);
                        assertThat(cost.usd().precision()).isLessThanOrEqualTo(20);
                    })
                    .doesNotThrowAnyException();
        }
    }

    private static int part(int whole, Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> 0;
            case 1 -> whole;
            default -> (int) (whole * random.nextDouble());
        };
    }

    private String file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "prices", ".csv"), text)
                .toString();
    }

    private static PriceList prices(Map<String, String> configuration) {
        return new PriceList(new Settings(new MapConfig(configuration)));
    }
}
