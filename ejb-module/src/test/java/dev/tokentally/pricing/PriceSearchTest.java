package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CostSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A price is found")
class PriceSearchTest {

    private static final String HEADER = "provider,model,from,input,output,up_to_input,aliases\n";
    private static final String MILLION = "input_tokens=1000000 output_tokens=0";

    private static PriceList csv(String lines) {
        return Lists.csv(HEADER + lines);
    }

    private static String price(PriceList list, String provider, String model) {
        return Lists.costAndSource(list, Lists.usage(provider, model, MILLION));
    }

    @Test
    @DisplayName("by provider and model, whatever their case and spelling, and by an alias")
    void exact() {
        PriceList list = csv("openai,gpt-4o,2024-01-01,1,2,,four\nazure,gpt-4o,2024-01-01,3,4,,");

        assertThat(price(list, "OPEN_AI", "GPT-4O")).isEqualTo("1 price-list");
        assertThat(price(list, "openai", "Four")).isEqualTo("1 price-list");
        assertThat(price(list, "azure.ai.openai", "gpt-4o")).isEqualTo("3 price-list");
    }

    @Test
    @DisplayName("for every provider whom LangChain4j, LiteLLM or genai-prices spells in its own way")
    void otherSpellings() {
        PriceList list = csv("""
                GOOGLE_GENAI,gemini-x,2024-01-01,1,2,,
                MICROSOFT_FOUNDRY,phi-x,2024-01-01,3,4,,
                voyage,voyage-x,2024-01-01,5,6,,
                jina_ai,jina-x,2024-01-01,7,8,,""");

        assertThat(price(list, "gcp.gen_ai", "gemini-x")).isEqualTo("1 price-list");
        assertThat(price(list, "azure.ai.inference", "phi-x")).isEqualTo("3 price-list");
        assertThat(price(list, "voyage_ai", "voyage-x")).isEqualTo("5 price-list");
        assertThat(price(list, "jina", "jina-x")).isEqualTo("7 price-list");
        assertThat(Lists.costAndSource(
                        Lists.genai(Lists.text("genai-prices.json")),
                        Lists.usage("gcp.gen_ai", "gemini-2.5-flash", MILLION)))
                .isEqualTo("0.3 price-list");
    }

    @Test
    @DisplayName("under its dated name if the list has that, before the name without the date")
    void dated() {
        PriceList list = csv("openai,gpt-4o,2024-01-01,1,2,,\nopenai,gpt-4o-2024-05-13,2024-01-01,5,15,,");

        assertThat(price(list, "openai", "gpt-4o-2024-05-13")).isEqualTo("5 price-list");
        assertThat(price(list, "openai", "gpt-4o-2024-08-06")).isEqualTo("1 price-list");
        assertThat(price(list, "openai", "gpt-4o-mini")).isEqualTo("none none");
    }

    @Test
    @DisplayName(
            "by the model alone if all providers have the same price; the cost is partial if another provider was named")
    void byModelAlone() {
        PriceList list = csv("""
                openai,same,2024-01-01,1.0,2,,
                azure,same,2024-01-01,1.00,2.0,,
                openai,other,2024-01-01,1,2,,
                azure,other,2024-01-01,2,2,,
                openai,later,2024-01-01,1,2,,
                azure,later,2099-01-01,2,2,,
                openai,zero,2024-01-01,0,0,,""");

        assertThat(price(list, "", "same")).isEqualTo("1 price-list");
        assertThat(price(list, "somebody", "same-2025-01-31")).isEqualTo("1 partial");
        assertThat(price(list, "", "other")).isEqualTo("none none");
        assertThat(price(list, "", "later")).isEqualTo("1 price-list");
        assertThat(price(list, "", "zero")).isEqualTo("none none");
        assertThat(price(list, "openai", "zero")).isEqualTo("0 price-list");
        assertThat(Lists.cost(list, Lists.usage("", "same", MILLION + " cache_read_tokens=5")))
                .as("another's price that lacks one for a part that was used")
                .isEqualTo("none");
        assertThat(Lists.cost(list, Lists.usage("", "same", MILLION + " output_tokens=5 output_reasoning_tokens=5")))
                .as("reasoning, which is billed as output, where the call names nobody else")
                .isNotEqualTo("none");
        assertThat(Lists.cost(
                        list, Lists.usage("third", "same", MILLION + " output_tokens=5 output_reasoning_tokens=5")))
                .as("reasoning of another provider")
                .isEqualTo("none");
    }

    @Test
    @DisplayName("in the file before the shipped list, and in each list by name before by the model alone")
    void layers() throws PriceFileException {
        PriceBook file = CsvPrices.parse(
                HEADER + "openai,m,2026-01-01,5,6,,\nopenai,future,2099-01-01,5,6,,\nelse,shared,2024-01-01,9,9,,\n");
        PriceBook shipped = CsvPrices.parse(
                HEADER
                        + "openai,m,2024-01-01,1,2,,old\nopenai,future,2024-01-01,3,4,,\nopenai,shared,2024-01-01,7,8,,\n",
                "shipped");
        PriceList list = new PriceList(file, shipped);

        assertThat(price(list, "openai", "m")).isEqualTo("5 price-list");
        assertThat(price(list, "openai", "old"))
                .as("an alias of a model that the file has")
                .isEqualTo("5 price-list");
        assertThat(price(list, "openai", "future")).isEqualTo("none none");
        assertThat(price(list, "openai", "shared")).isEqualTo("7 price-list");
        assertThat(price(list, "third", "shared")).isEqualTo("9 partial");
        Quote quote = list.quote(Lists.usage("openai", "shared", MILLION));
        assertThat(quote.price().list()).isEqualTo("shipped");
        assertThat(quote.price().from()).isEqualTo("2024-01-01T00:00:00Z");
        assertThat(quote.notes()).singleElement().asString().contains("is not in " + CsvPrices.NAME);
    }

    @Test
    @DisplayName("for no longer prompt than the list has prices for, and the quote says up to which length it has some")
    void tooLong() {
        PriceList list = csv("""
                p,m,2024-01-01,1,2,1000,
                p,m,2024-01-01,3,4,2000,
                p,any,2024-01-01,1,2,,
                q,other,2024-01-01,1,2,1000,""");

        assertThat(pricedUpTo(list, "p", "m", 2001)).isEqualTo("none 2000");
        assertThat(pricedUpTo(list, "p", "m", 2000)).isEqualTo("price-list 0");
        assertThat(pricedUpTo(list, "p", "any", 9999)).isEqualTo("price-list 0");
        assertThat(pricedUpTo(list, "", "other", 1001)).as("by the model alone").isEqualTo("none 1000");
        assertThat(pricedUpTo(list, "p", "unknown", 9999)).isEqualTo("none 0");
    }

    private static String pricedUpTo(PriceList list, String provider, String model, int input) {
        Quote quote = list.quote(Lists.usage(provider, model, "input_tokens=" + input + " output_tokens=5"));
        return quote.source().label() + " " + quote.pricedUpTo();
    }

    @Test
    @DisplayName("in no later list if an earlier list has the model but cannot price it")
    void blocked() {
        PriceList list = Lists.liteLlm("""
                {"m": {"litellm_provider": "p", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
                 "m-2025-01-01": {"litellm_provider": "p", "input_cost_per_token": "much", "output_cost_per_token": 1e-06},
                 "m-2025-01-02": {"litellm_provider": "p", "mode": "chat"},
                 "m-2025-01-03": 5,
                 "q/m-2025-01-04": {"litellm_provider": "q"},
                 "z:free": {"litellm_provider": "p"}}""");

        assertThat(price(list, "p", "m-2025-01-31")).isEqualTo("1 price-list");
        for (String model : new String[] {"m-2025-01-01", "m-2025-01-02", "m-2025-01-03"}) {
            assertThat(price(list, "p", model)).as(model).isEqualTo("none none");
            assertThat(list.quote(Lists.usage("p", model, MILLION)).notes())
                    .anyMatch(note -> note.contains("cannot price it"));
        }
        assertThat(price(list, "q", "m-2025-01-04")).isEqualTo("none none");
        assertThat(price(list, "p", "z:free")).isEqualTo("0 price-list");
        assertThat(list.quote(Lists.usage("nobody", "nothing", MILLION)).source())
                .isEqualTo(CostSource.NONE);
    }

    @ParameterizedTest
    @DisplayName("in no entry in which the name of a price has an ending that is not understood")
    @CsvSource({
        "input_cost_per_token_off_peak, none none",
        "output_cost_per_token_off_peak, none none",
        "cache_read_input_token_cost_night, none none",
        "input_cost_per_token_above_1m_tokens, none none",
        "input_cost_per_request_flex, none none",
        "input_cost_per_query_off_peak, none none",
        "search_context_cost_per_query_batches, none none",
        "input_cost_per_token_batches, 2 price-list",
        "input_cost_per_character_off_peak, 2 price-list",
        "input_price_note, 2 price-list"
    })
    void unknownEnding(String field, String expected) {
        String entry = """
                {"m": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 2e-06, "output_cost_per_token": 4e-06,
                  "%s": %s},
                 "usual": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06,
                   "output_cost_per_token": 2e-06}}""";

        assertThat(price(Lists.liteLlm(entry.formatted(field, "1e-06")), "p", "m"))
                .isEqualTo(expected);
        assertThat(price(Lists.liteLlm(entry.formatted(field, "null")), "p", "m"))
                .isEqualTo("2 price-list");
    }

    @ParameterizedTest
    @DisplayName(
            "that is 0 for tokens is none beside any other price, such as that of an image or a query, whatever the name is")
    @ValueSource(
            strings = {
                "p/z:free",
                "p/z2:free",
                "p/z3:free",
                "p/m16:free",
                "p/low:free",
                "p/plain",
                "p/range",
                "p/range-above",
                "p/above",
                "p/above-alone",
                "p/search",
                "p/search:free",
                "p/text",
                "p/credit",
                "p/session",
                "p/minute",
                "p/list"
            })
    void freeTokensBesideAnother(String model) {
        PriceList list = Lists.liteLlm("""
                {"p/z:free": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "output_cost_per_image": 0.04},
                 "p/z2:free": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "input_cost_per_second": 0.04},
                 "p/z3:free": {"litellm_provider": "p", "mode": "chat", "input_cost_per_query": 0.04,
                   "input_cost_per_token": 0, "output_cost_per_token": 0},
                 "p/m16:free": {"litellm_provider": "p", "mode": "chat", "output_cost_per_image": 0.05},
                 "p/low:free": {"litellm_provider": "p", "mode": "chat",
                   "search_context_cost_per_query": {"search_context_size_low": 0.01}},
                 "p/plain": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "output_cost_per_image": 0.04},
                 "p/range": {"litellm_provider": "p", "mode": "chat", "output_cost_per_image": 0.04, "tiered_pricing": [
                   {"range": [0, 10000000], "input_cost_per_token": 0, "output_cost_per_token": 0}]},
                 "p/range-above": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0,
                   "output_cost_per_token": 0, "tiered_pricing": [{"range": [0, 10000000], "output_cost_per_image": 0.04}]},
                 "p/above": {"litellm_provider": "p", "mode": "chat", "output_cost_per_image": 0.04,
                   "input_cost_per_token": 0, "input_cost_per_token_above_128k_tokens": 0,
                   "output_cost_per_token": 0, "output_cost_per_token_above_128k_tokens": 0},
                 "p/above-alone": {"litellm_provider": "p", "mode": "chat", "output_cost_per_image": 0.04,
                   "input_cost_per_token_above_128k_tokens": 0, "output_cost_per_token_above_128k_tokens": 0},
                 "p/search": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "search_context_cost_per_query": {"search_context_size_medium": 0.01}},
                 "p/search:free": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0,
                   "output_cost_per_token": 0, "search_context_cost_per_query": {"search_context_size_low": 0.01}},
                 "p/text": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "output_cost_per_image": "0.04"},
                 "p/credit": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "ocr_cost_per_credit": 0.015},
                 "p/session": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "code_interpreter_cost_per_session": 0.03},
                 "p/minute": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "input_cost_per_minute": 0.01},
                 "p/list": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "output_cost_per_image": [0.04]},
                 "p/usual": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06,
                   "output_cost_per_token": 2e-06}}""");

        assertThat(price(list, "p", model)).isEqualTo("none none");
    }

    @ParameterizedTest
    @DisplayName("that is 0 for tokens is one if no other price is above 0, or if only the request has one")
    @CsvSource({"p/zeros, 0 price-list", "p/nulls, 0 price-list", "p/none, 0 price-list", "p/request, 0.005 price-list"
    })
    void freeTokensAlone(String model, String expected) {
        PriceList list = Lists.liteLlm("""
                {"p/zeros": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "output_cost_per_image": 0.0, "input_cost_per_second": 0e5,
                   "search_context_cost_per_query": {"search_context_size_low": 0, "search_context_size_medium": 0.0}},
                 "p/nulls": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "output_cost_per_image": null, "search_context_cost_per_query": null},
                 "p/none": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0,
                   "search_context_cost_per_query": {}, "max_tokens": 100, "supports_vision": true},
                 "p/request": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0,
                   "output_cost_per_token": 0, "input_cost_per_request": 0.005}}""");

        assertThat(price(list, "p", model)).isEqualTo(expected);
    }

    @Test
    @DisplayName("of 0 above a length is none beside a price of an image, so the price below that length holds")
    void freeAboveBesideAnother() {
        PriceList list = Lists.liteLlm("""
                {"m": {"litellm_provider": "p", "mode": "chat", "output_cost_per_image": 0.04, "input_cost_per_token": 1e-06,
                  "input_cost_per_token_above_128k_tokens": 0, "output_cost_per_token": 2e-06}}""");

        assertThat(price(list, "p", "m")).isEqualTo("1 price-list");
    }

    @Test
    @DisplayName(
            "by rules: ids before matches, then the first match, then fallbacks, which may form a ring; case does not matter")
    void rules() {
        PriceList list = Lists.genai("""
                [{"id": "first", "provider_match": {"contains": "fir"}, "fallback_model_providers": ["second"],
                  "models": [{"id": "a", "match": {"or": [{"equals": "A"}, {"starts_with": "a-"}]}, "prices": {"input_mtok": 1}},
                             {"id": "all-a", "match": {"starts_with": "a"}, "prices": {"input_mtok": 2}}]},
                 {"id": "firth", "fallback_model_providers": ["first", "nobody"], "models": []},
                 {"id": "second", "provider_match": {"and": [{"contains": "sec"}, {"ends_with": "d"}]},
                  "fallback_model_providers": ["first"],
                  "models": [{"id": "b", "match": {"regex": "^b\\\\d$"}, "prices": {"input_mtok": 3}}]}]""");

        assertThat(price(list, "first", "a-x")).isEqualTo("1 price-list");
        assertThat(price(list, "FIRST", "abc")).isEqualTo("2 price-list");
        assertThat(price(list, "the-first", "B1")).isEqualTo("3 price-list");
        assertThat(price(list, "firth", "b1")).isEqualTo("3 price-list");
        assertThat(price(list, "my-sec-and", "a")).isEqualTo("1 price-list");
        assertThat(price(list, "second", "nothing")).isEqualTo("none none");
        assertThat(price(list, "", "b2")).isEqualTo("3 price-list");
    }

    @Test
    @DisplayName("in genai-prices' list too if the provider is spelled as in OpenTelemetry")
    void spellings() {
        PriceList list = Lists.genai(Lists.text("genai-prices.json"));
        assertThat(price(list, "gcp.gemini", "gemini-2.5-flash")).isEqualTo("0.3 price-list");
        assertThat(price(list, "gcp.vertex_ai", "gemini-2.5-flash")).isEqualTo("0.3 price-list");
        assertThat(price(list, "azure.ai.openai", "gpt-4o")).isEqualTo("2.5 price-list");
        assertThat(price(list, "x_ai", "grok-3")).isEqualTo("3 price-list");
        assertThat(price(list, "mistral_ai", "mistral-large-latest")).endsWith("price-list");
        assertThat(price(list, "aws.bedrock", "amazon.nova-lite-v1:0")).endsWith("price-list");
    }
}
