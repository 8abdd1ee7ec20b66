package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A price file that may have mistakes")
class BadPriceFilesTest {

    private static PriceBook read(byte[] bytes) throws Exception {
        return PriceFile.read(new ByteArrayInputStream(bytes));
    }

    @ParameterizedTest
    @DisplayName("that is in UTF-16 is refused by name")
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE"})
    void utf16(String charset) {
        assertThatThrownBy(() -> read("provider,model,from,input,output\np,m,2026-01-01,1,2\n".getBytes(charset)))
                .isInstanceOf(PriceFileException.class)
                .hasMessageStartingWith("it is not in UTF-8");
    }

    @ParameterizedTest
    @DisplayName("that is not a list of prices is refused")
    @ValueSource(
            strings = {
                "[",
                "[]",
                "[1, 2]",
                "[{\"id\": \"p\", \"models\": []}]",
                "[{\"id\": \"p\", \"models\": [{\"id\": \"m\", \"prices\": {}}]}]",
                "[] x",
                "{",
                "{}",
                "{\"a\": {\"input_cost_per_token\": NaN}}",
                "{\"a\": 1} x",
                "{\"a\": {\"mode\": \"chat\"}}",
                "{\"prices\": []}"
            })
    void none(String text) {
        assertThatThrownBy(() -> read(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(PriceFileException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200).doesNotContain("\n"));
    }

    @Test
    @DisplayName("that is nested endlessly is refused")
    void deep() {
        for (String text : new String[] {"[".repeat(100_000), "{\"a\":".repeat(100_000)}) {
            assertThatThrownBy(() -> read(text.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(PriceFileException.class);
        }
    }

    @Test
    @DisplayName("of 15 MB is read, and one of 50 MB refused")
    void large() throws Exception {
        StringBuilder text = new StringBuilder("[{\"id\": \"p\", \"models\": [");
        String model = "{\"id\": \"m\", \"match\": {\"equals\": \"m\"}, \"description\": \"" + "x".repeat(10_000)
                + "\", \"prices\": {\"input_mtok\": 1}}";
        while (text.length() < 15_000_000) {
            text.append(model).append(',');
        }
        text.append(model).append("]}]");
        assertThat(Lists.cost(
                        Lists.of(read(text.toString().getBytes(StandardCharsets.UTF_8))),
                        Lists.usage("p", "m", "input_tokens=1000000")))
                .isEqualTo("1");
        assertThatThrownBy(() -> read(new byte[50_000_000]))
                .isInstanceOf(PriceFileException.class)
                .hasMessage("it has 16777217 bytes, more than the allowed 16777216 (16 MiB)");
    }

    @Test
    @DisplayName(
            "may have rules that never end or are not understood: names that they may match have no price, all others have one")
    void endlessOrUnknownRules() {
        PriceList list = Lists.genai("""
                [{"id": "p", "models": [
                   {"id": "ok", "match": {"equals": "ok"}, "prices": {"input_mtok": 1}},
                   {"id": "evil", "match": {"regex": "^(a+)+$"}, "prices": {"input_mtok": 2}},
                   {"id": "after", "match": {"equals": "after"}, "prices": {"input_mtok": 3}},
                   {"id": "broken", "match": {"regex": "("}, "prices": {"input_mtok": 4}},
                   {"id": "last", "match": {"equals": "last"}, "prices": {"input_mtok": 5}}]}]""");
        assertThat(cost(list, "ok")).isEqualTo("1");
        assertThat(cost(list, "aaa")).isEqualTo("2");
        assertThat(cost(list, "after")).isEqualTo("3");
        assertThat(cost(list, "a".repeat(200) + "!")).isEqualTo("none");
        assertThat(cost(list, "last"))
                .as("behind a rule that nobody understands")
                .isEqualTo("none");
    }

    private static String cost(PriceList list, String model) {
        return Lists.cost(list, Lists.usage("p", model, "input_tokens=1000000"));
    }

    @Test
    @DisplayName(
            "with mistakes is reported in one line, which counts the entries by reason, names some and cannot be forged")
    void told() throws Exception {
        CapturedLog log = CapturedLog.of(UnusableEntries.class.getName());
        try {
            PriceBook book = LiteLlmPrices.parse("""
                    {"ok": {"litellm_provider": "p", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
                     "negative\\nFAKE": {"litellm_provider": "p", "input_cost_per_token": -1e-06},
                     "text": {"litellm_provider": "p", "input_cost_per_token": "1e-06"},
                     "absurd": {"litellm_provider": "p", "input_cost_per_token": 1},
                     "tiny": {"litellm_provider": "p", "input_cost_per_token": 1e-9999},
                     "nothing": null, "number": 5,
                     "nobody": {"litellm_provider": 5, "input_cost_per_token": 1e-06},
                     "pair": {"litellm_provider": "p", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06,
                       "cache_read_input_token_cost": 1e-07, "input_cost_per_token_cache_hit": 2e-07},
                     "edge": {"litellm_provider": "p", "input_cost_per_token": 1e-06, "input_cost_per_token_above_xk_tokens": 1e-06}}
                    """);
            for (String model :
                    new String[] {"text", "absurd", "tiny", "nothing", "number", "nobody", "pair", "edge"}) {
                assertThat(Lists.cost(Lists.of(book), Lists.usage("p", model, "input_tokens=1000")))
                        .as(model)
                        .isEqualTo("none");
            }
            assertThat(Lists.cost(Lists.of(book), Lists.usage("p", "ok", "input_tokens=1000")))
                    .isEqualTo("0.001");
        } finally {
            log.close();
        }
        assertThat(log.lines())
                .extracting(LogRecord::getMessage)
                .singleElement()
                .asString()
                .startsWith("9 entries of LiteLLM's list cannot be used")
                .contains("\"negative FAKE\"", "2 of which are no objects", "disagree about cache_read_tokens")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @DisplayName("with a number of an absurd exponent leaves out the entry that has it, and no other")
    @ValueSource(
            strings = {
                "1e2147483647",
                "1e2147483640",
                "-1e2147483647",
                "1e-2147483647",
                "1e99999999999",
                "1e-99999999999",
                "1e400"
            })
    void absurdExponents(String number) throws Exception {
        String ok = "\"litellm_provider\": \"p\", \"input_cost_per_token\": 1e-06, \"output_cost_per_token\": 1e-06";
        PriceList liteLlm =
                Lists.of(read(("{\"ok\": {" + ok + "}, \"odd\": {" + ok + ", \"cache_read_input_token_cost\": "
                                + number + "}, \"image\": {" + ok + ", \"input_cost_per_image\": " + number
                                + "}, \"range\": {\"litellm_provider\": \"p\", \"tiered_pricing\": [{\"range\": [0, "
                                + number + "], "
                                + ok + "}]}, \"other\": {" + ok + ", \"max_tokens\": " + number + "}}")
                        .getBytes(StandardCharsets.UTF_8)));
        PriceList genai =
                Lists.of(read(("[{\"id\": \"p\", \"models\": [{\"id\": \"ok\", \"prices\": {\"input_mtok\": 1}},"
                                + "{\"id\": \"odd\", \"prices\": {\"input_mtok\": " + number + "}},"
                                + "{\"id\": \"range\", \"prices\": {\"input_mtok\": {\"base\": 1, \"tiers\": [{\"start\": "
                                + number
                                + ", \"price\": 2}]}}}]}]")
                        .getBytes(StandardCharsets.UTF_8)));

        for (PriceList list : new PriceList[] {liteLlm, genai}) {
            assertThat(cost(list, "ok")).isEqualTo("1");
            assertThat(cost(list, "odd")).isEqualTo("none");
            assertThat(cost(list, "range")).isEqualTo("none");
        }
        assertThat(cost(liteLlm, "other")).as("no price depends on it").isEqualTo("1");
    }

    @ParameterizedTest
    @DisplayName("with a wrong value in our own format is refused, and the message names the line")
    @ValueSource(
            strings = {
                "hours|fri",
                "hours|25:00-26:00",
                "hours|01:00-01:00",
                "hours|01:00-24:30",
                "hours|someday 01:00-02:00",
                "tier|Flex Tier!",
                "kind|talk",
                "from|2026-01-01T00:00:00",
                "web_searches|-1",
                "input_audio|1e-6"
            })
    void csv(String text) {
        String column = text.substring(0, text.indexOf('|'));
        String cell = text.substring(text.indexOf('|') + 1);
        String lines = column.equals("from")
                ? "provider,model,input,output,from\np,m,1,2," + cell
                : "provider,model,from,input,output," + column + "\np,m,2026-01-01,1,2," + cell;
        assertThatThrownBy(() -> read(lines.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(PriceFileException.class)
                .hasMessageStartingWith("line 2: " + column + " is ");
    }

    @Test
    @DisplayName("in our own format may also spell its hours in words")
    void words() {
        PriceList words = Lists.csv(Lists.text("trials-prices-in-words.csv"));
        PricedUsage usage = Lists.usage("deepseek", "deepseek-v4-flash", "input_tokens=1000000 output_tokens=1000000");
        assertThat(Lists.cost(words, Lists.at(usage, java.time.Instant.parse("2026-09-15T02:00:00Z"))))
                .isEqualTo("1.76");
        assertThat(Lists.cost(words, Lists.at(usage, java.time.Instant.parse("2026-09-15T12:00:00Z"))))
                .isEqualTo("0.88");
    }
}
