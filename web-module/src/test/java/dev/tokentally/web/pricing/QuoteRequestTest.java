package dev.tokentally.web.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.config.Settings;
import dev.tokentally.llm.Meter;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.web.MapConfig;
import dev.tokentally.web.json.JsonBody;
import dev.tokentally.web.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A request for a quote")
class QuoteRequestTest {

    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    private static QuoteRequest parse(String body) {
        return QuoteRequest.parse(body.getBytes(StandardCharsets.UTF_8), NOW);
    }

    @Test
    @DisplayName("has meters, and is for a chat now by default")
    void tokens() {
        QuoteRequest request = parse("""
                {"provider": "openai", "model": "gpt-4o", "tokens": {"input_tokens": 1e3, "output_tokens": 0,
                 "web_searches": 2}}""");

        assertThat(request.usage().kind()).isEqualTo("chat");
        assertThat(request.usage().at()).isEqualTo(NOW);
        assertThat(request.usage().doubts()).isEmpty();
        assertThat(request.told())
                .isEqualTo(Map.of(Meter.INPUT_TOKENS, 1000L, Meter.OUTPUT_TOKENS, 0L, Meter.WEB_SEARCHES, 2L));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("that has no output count has no output in its answer, and one with an output of 0 has it")
    @CsvSource(delimiter = '|', textBlock = """
            {"prompt_tokens": 8, "total_tokens": 8}                                              | false
            {"prompt_tokens": 8, "total_tokens": 8, "completion_window": "24h", "output": null}  | false
            {"prompt_tokens": 8, "total_tokens": 8, "output_format": "float", "response": {}}    | false
            {"prompt_tokens": 8, "total_tokens": 8, "completion_tokens": 0}                      | true
            {"promptTokenCount": 8, "candidatesTokenCount": 0, "totalTokenCount": 8}             | true
            {"input_tokens": 8, "output_tokens": 0}                                              | true
            {"inputTokens": 8, "outputTokens": 0}                                                | true
            {"prompt_eval_count": 8, "eval_count": 0}                                            | true
            {"total_input_tokens": 8, "total_output_tokens": 0, "total_tokens": 8}               | true
            {"totalInputTokens": 8, "totalOutputTokens": 0, "totalTokens": 8}                    | true
            {"promptTokenCount": 8, "thoughtsTokenCount": 0, "totalTokenCount": 8}               | true
            {"prompt_tokens": 8, "completion_tokens_details": {}, "total_tokens": 8}             | true
            {"prompt_tokens": 8, "total_tokens": 8, "evaluation": {"eval_counts": 1}}            | false
            """)
    void output(String usage, boolean told) {
        QuoteRequest request = parse("{\"model\": \"m\", \"usage\": " + usage + "}");

        assertThat(request.told().containsKey(Meter.OUTPUT_TOKENS)).isEqualTo(told);
        assertThat(request.told()).containsEntry(Meter.INPUT_TOKENS, 8L);
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("may have a row's doubts, and is then answered as a repricing of the row")
    @CsvSource(delimiter = '|', textBlock = """
            ''                        | price-list
            incomplete                | partial
            incomplete output_unknown | partial
            contradictory             | none
            input_unknown             | none
            a_newer_one               | none
            """)
    void doubts(String doubts, String source) {
        PriceList prices = new PriceList(new Settings(new MapConfig(Map.of())));
        QuoteRequest request = parse("{\"provider\": \"openai\", \"model\": \"gpt-4o-mini\", \"usage_doubts\": \""
                + doubts + "\", \"tokens\": {\"input_tokens\": 1, \"output_tokens\": 1}}");

        assertThat(answer(request, prices)).contains("\"cost_source\":\"" + source + "\"");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("may be of any kind that an adapter gives, and is priced as a recorded call of this kind")
    @CsvSource({"speech, speech", "' Speech ', speech", "sixteen-letters-, sixteen-letters-", "chat, chat"})
    void kind(String given, String kind) {
        PriceList prices = new PriceList(new Settings(new MapConfig(Map.of())));
        QuoteRequest request = parse("{\"provider\": \"openai\", \"model\": \"gpt-4o-mini\", \"kind\": \"" + given
                + "\", \"tokens\": {\"input_tokens\": 1, \"output_tokens\": 1}}");

        assertThat(request.usage().kind()).isEqualTo(kind);
        assertThat(answer(request, prices)).contains("\"cost_source\":\"price-list\"");
    }

    @Test
    @DisplayName("without input or output leaves that count unknown, and not 0")
    void unknown() {
        QuoteRequest request = parse("{\"model\": \"m\", \"tokens\": {\"search_units\": 2}}");

        assertThat(request.usage().doubts())
                .containsExactlyInAnyOrder(UsageDoubt.INPUT_UNKNOWN, UsageDoubt.OUTPUT_UNKNOWN);
        assertThat(request.told()).isEqualTo(Map.of(Meter.SEARCH_UNITS, 2L));
    }

    @Test
    @DisplayName(
            "may have the provider's own object, whose unknown fields are ignored and whose tier yields to the caller's")
    void usage() {
        String usage = """
                "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, "service_tier": "flex",
                  "prompt_tokens_details": {"cached_tokens": 60}%s}""";
        QuoteRequest plain = parse("{\"provider\": \"openai\", \"model\": \"m\", " + usage.formatted("") + "}");
        QuoteRequest more = parse("{\"provider\": \"openai\", \"model\": \"m\", "
                + usage.formatted(", \"new\": {\"a\\\\\\u0001\\n\": [1.50, true, null, {\"b\": \"\\\"\"}]}") + "}");
        QuoteRequest stated = parse("{\"provider\": \"openai\", \"service_tier\": \"PRIORITY\", \"model\": \"m\", "
                + usage.formatted("") + "}");

        assertThat(plain.told())
                .isEqualTo(Map.of(Meter.INPUT_TOKENS, 100L, Meter.OUTPUT_TOKENS, 20L, Meter.CACHE_READ_TOKENS, 60L));
        assertThat(plain.usage().serviceTier()).isEqualTo("flex");
        assertThat(more).isEqualTo(plain);
        assertThat(stated.usage().serviceTier()).isEqualTo("priority");
    }

    @Test
    @DisplayName("knows of a joint count of 0 if the provider or the request gives it, but does not list it")
    void jointCountOfZero() {
        String details =
                "\"audio_tokens\": 50, \"cached_tokens\": 128, \"cached_tokens_details\": {\"text_tokens\": 100%s}";
        String usage =
                "{\"model\": \"m\", \"usage\": {\"input_tokens\": 200, \"output_tokens\": 1, \"input_token_details\": {"
                        + details + "}}}";
        QuoteRequest told = parse(usage.formatted(", \"audio_tokens\": 0"));
        QuoteRequest untold = parse(usage.formatted(""));
        QuoteRequest ofRow = parse("""
                {"model": "m", "tokens": {"input_tokens": 200, "output_tokens": 1, "cache_read_tokens": 128,
                 "input_audio_tokens": 50, "cache_audio_read_tokens": 0}}""");

        assertThat(told.usage().quantities()).containsEntry(Meter.CACHE_AUDIO_READ_TOKENS, 0L);
        assertThat(told.told()).doesNotContainKey(Meter.CACHE_AUDIO_READ_TOKENS);
        assertThat(untold.usage().quantities()).doesNotContainKey(Meter.CACHE_AUDIO_READ_TOKENS);
        assertThat(ofRow.usage().quantities()).isEqualTo(told.usage().quantities());
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("with a mistake is refused, and the message names the field")
    @CsvSource(delimiter = '|', textBlock = """
            []                                                                  | the body must be a JSON object
            {"tokens": {}}                                                      | model is missing
            {"model": " ", "tokens": {}}                                        | model must not be blank
            {"model": 5, "tokens": {}}                                          | model must be a string
            {"model": "m", "price": 1}                                          | unknown field price
            {"model": "m", "model": "n", "tokens": {}}                          | model is there twice
            {"model": "m"}                                                      | usage or tokens is missing
            {"model": "m", "usage": {}, "tokens": {}}                           | usage and tokens are both there
            {"model": "m", "usage": {}, "usage_doubts": ""}                     | usage_doubts are those of tokens
            {"model": "m", "tokens": {}, "usage_doubts": ["incomplete"]}        | usage_doubts must be a string
            {"model": "m", "usage": null}                                       | usage must be the object
            {"model": "m", "usage": []}                                         | usage must be the object
            {"model": "m", "usage": "{}"}                                       | usage must be the object
            {"model": "m", "tokens": [1]}                                       | tokens must be an object
            {"model": "m", "tokens": {"inputs": 1}}                             | tokens.inputs is no meter
            {"model": "m", "tokens": {"input_tokens": "1"}}                     | tokens.input_tokens must be a whole number
            {"model": "m", "tokens": {"input_tokens": 1.5}}                     | tokens.input_tokens must be a whole number
            {"model": "m", "tokens": {"input_tokens": -1}}                      | tokens.input_tokens must be a whole number
            {"model": "m", "tokens": {"input_tokens": 9223372036854775808}}     | tokens.input_tokens must be a whole number
            {"model": "m", "tokens": {"input_tokens": 1e999999}}                | tokens.input_tokens must be a whole number
            {"model": "m", "tokens": {"input_tokens": 1, "input_tokens": 2}}    | tokens.input_tokens is there twice
            {"model": "m", "kind": " ", "tokens": {}}                           | kind must not be blank
            {"model": "m", "kind": "a-kind-too-long-1", "tokens": {}}           | kind is longer than 16 characters
            {"model": "m", "kind": 5, "tokens": {}}                             | kind must be a string
            {"model": "m", "at": "yesterday", "tokens": {}}                     | at must be a timestamp
            {"model": "m", "at": "2026-01-31T00:00:00", "tokens": {}}           | at must be a timestamp
            {"model": "m", "at": "２０２６-01-31T00:00:00Z", "tokens": {}}          | at must be a timestamp
            {"model": "m", "at": "0000-01-01T00:00:00Z", "tokens": {}}          | at must be in the years 1 to 9999
            {"model": "m", "at": "0001-01-01T00:00:00+01:00", "tokens": {}}     | at must be in the years 1 to 9999
            {"model": "m", "at": "9999-12-31T23:59:59-01:00", "tokens": {}}     | at must be in the years 1 to 9999
            {"model": "m", "at": "+999999999-12-31T23:59:59-18:00", "tokens": {}} | at must be in the years 1 to 9999
            {"model": "m", "at": "-999999999-01-01T00:00:00+18:00", "tokens": {}} | at must be in the years 1 to 9999
            {"model": "m", "usage": {"prompt_tokens": 1, "prompt_tokens": 2}}   | usage has a name twice in one object
            """)
    void wrong(String body, String detail) {
        assertThatThrownBy(() -> parse(body)).isInstanceOfSatisfying(ProblemException.class, e -> assertThat(
                        new String(e.problem().json(), StandardCharsets.UTF_8))
                .contains("\"code\":\"validation_error\"", detail));
    }

    @Test
    @DisplayName("with too long a name or endless nesting is refused too, and the message names the field")
    void hostile() {
        assertThatThrownBy(() -> parse("{\"model\": \"" + "m".repeat(256) + "\", \"tokens\": {}}"))
                .hasMessageContaining("model is longer than 255 characters");
        assertThatThrownBy(() -> parse("{\"model\": \"m\", \"provider\": \"" + "p".repeat(65) + "\", \"tokens\": {}}"))
                .hasMessageContaining("provider is longer than 64 characters");
        String deep = "{\"a\":".repeat(1000) + "1" + "}".repeat(1000);
        assertThatThrownBy(() -> parse("{\"model\": \"m\", \"usage\": " + deep + "}"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("usage must not be nested deeper");
        assertThatThrownBy(() -> parse("{\"model\": \"m\", \"usage\": {"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("not valid JSON");
    }

    @Test
    @DisplayName("is answered with the bill, or with nulls and the reason if there is no price")
    void answers() {
        PriceList prices = new PriceList(new Settings(new MapConfig(Map.of())));
        QuoteRequest priced = parse("""
                {"provider": "openai", "model": "gpt-4o-mini", "at": "2026-01-31T12:00:00Z",
                 "tokens": {"input_tokens": 1000, "output_tokens": 500, "cache_read_tokens": 400}}""");
        QuoteRequest unpriced = parse("{\"model\": \"nobody's\", \"tokens\": {\"input_tokens\": 1}}");
        QuoteRequest tooLong = parse("""
                {"provider": "anthropic", "model": "claude-sonnet-4", "at": "2026-01-31T12:00:00Z",
                 "tokens": {"input_tokens": 200001, "output_tokens": 1}}""");

        assertThat(answer(priced, prices)).isEqualTo("""
                {"cost_usd":0.00042,"cost_source":"price-list",\
                "tokens":{"input_tokens":1000,"output_tokens":500,"cache_read_tokens":400},"service_tier":"",\
                "items":[{"meter":"cache_read_tokens","quantity":400,"price_usd":0.075,"per":1000000,"cost_usd":0.00003},\
                {"meter":"input_tokens","quantity":600,"price_usd":0.15,"per":1000000,"cost_usd":0.00009},\
                {"meter":"output_tokens","quantity":500,"price_usd":0.6,"per":1000000,"cost_usd":0.0003}],\
                "price":{"list":"the list that is shipped","provider":"openai","model":"gpt-4o-mini",\
                "from":"2024-07-18T00:00:00Z"},"priced_up_to":null,"notes":[]}""");
        assertThat(answer(unpriced, prices))
                .startsWith("{\"cost_usd\":null,\"cost_source\":\"none\",\"tokens\":{\"input_tokens\":1}")
                .contains("\"items\":[],\"price\":null,\"priced_up_to\":null,\"notes\":[", "would price it");
        assertThat(answer(tooLong, prices)).contains("\"price\":null,\"priced_up_to\":200000,\"notes\":[");
    }

    private static String answer(QuoteRequest request, PriceList prices) {
        return new String(
                JsonBody.object(json -> QuoteJson.write(request, prices.quote(request.usage()), json)),
                StandardCharsets.UTF_8);
    }
}
