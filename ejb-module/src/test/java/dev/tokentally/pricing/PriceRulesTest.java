package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.usage.CostSource;
import java.math.BigDecimal;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rule of the prices at its limits. The expected values were computed by hand, in millionths of a dollar. */
@DisplayName("A rule of the prices:")
class PriceRulesTest {

    private static final String LITELLM = """
            {"m": {"litellm_provider": "p", "mode": "chat",
              "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06,
              "cache_read_input_token_cost": 5e-07, "cache_creation_input_token_cost": 2.5e-06,
              "cache_creation_input_token_cost_above_1hr": 4e-06,
              "input_cost_per_audio_token": 3e-05, "cache_read_input_audio_token_cost": 3e-07,
              "output_cost_per_reasoning_token": 8e-06, "output_cost_per_audio_token": 6e-05,
              "input_cost_per_token_above_200k_tokens": 4e-06, "output_cost_per_token_above_200k_tokens": 1.2e-05,
              "input_cost_per_token_flex": 1e-06, "output_cost_per_token_flex": 4e-06,
              "input_cost_per_token_above_200k_tokens_flex": 1.5e-06,
              "input_cost_per_token_batches": 1e-06, "output_cost_per_token_batches": 4e-06,
              "search_context_cost_per_query": {"search_context_size_low": 0.01, "search_context_size_medium": 0.02,
                "search_context_size_high": 0.03}},
             "thin": {"litellm_provider": "p", "mode": "chat",
               "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "cache_read_input_token_cost": 5e-07}}""";

    private final PriceList list = Lists.liteLlm(LITELLM);

    private String asked(String model, String meters) {
        return Lists.costAndSource(list, Lists.usage("p", model, meters));
    }

    private String tier(String tier, String meters) {
        return Lists.costAndSource(list, Lists.tier(Lists.usage("p", "m", meters), tier));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("the length is the whole input, and above a threshold its price holds for all tokens")
    @CsvSource({
        // 200000*2 + 10*8 = 400080
        "input_tokens=200000 output_tokens=10, 0.40008 price-list",
        // 200001*4 + 10*12 = 800124
        "input_tokens=200001 output_tokens=10, 0.800124 price-list",
        // 1*4 + 200000*0.5 (the base price, since it has none above) + 10*12 = 100124
        "input_tokens=200001 cache_read_tokens=200000 output_tokens=10, 0.100124 price-list"
    })
    void length(String meters, String expected) {
        assertThat(asked("m", meters)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName(
            "a meter without a price in the tier costs the standard price, and the cost is partial; units have no tiers")
    @CsvSource({
        // 1000*1 + 100*4
        "flex, input_tokens=1000 output_tokens=100, 0.0014 price-list",
        // 900*1 + 100*0.5 (standard) + 100*4
        "flex, input_tokens=1000 cache_read_tokens=100 output_tokens=100, 0.00135 partial",
        // 200001*1.5 + 100*12 (the standard price there)
        "flex, input_tokens=200001 output_tokens=100, 0.3012015 partial",
        // 200001*4 (the standard price there, since the tier has none above) + 100*12
        "batch, input_tokens=200001 output_tokens=100, 0.801204 partial",
        // 1000*2 + 100*8, all standard
        "priority, input_tokens=1000 output_tokens=100, 0.0028 partial",
        "turbo, input_tokens=1000 output_tokens=100, 0.0028 partial",
        "default, input_tokens=1000 output_tokens=100, 0.0028 price-list",
        "auto, input_tokens=1000 output_tokens=100, 0.0028 price-list",
        // reasoning costs what output costs, in every tier: 1000*1 + 100*4
        "flex, input_tokens=1000 output_tokens=100 output_reasoning_tokens=60, 0.0014 price-list"
    })
    void tiers(String tier, String meters, String expected) {
        assertThat(tier(tier, meters)).isEqualTo(expected);
    }

    @Test
    @DisplayName("a part whose price is that of its whole costs what its whole costs at every length")
    void sameAsWhole() {
        // 200001*4 + 100*12: reasoning costs 8, like output, so it has no price of its own above either
        assertThat(asked("m", "input_tokens=200001 output_tokens=100 output_reasoning_tokens=50"))
                .isEqualTo("0.801204 price-list");
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @DisplayName("a part whose price is that of its whole has none of its own, in every tier and at every length")
    @CsvSource({
        // sound costs what input costs: 50*1 + 50*2 + 10*4, in flex 50*0.5 + 50*1 + 10*2, in batch the standard price
        "csv, '', input_tokens=100 cache_read_tokens=50 input_audio_tokens=60 output_tokens=10, 0.00019 price-list",
        "csv, flex, input_tokens=100 cache_read_tokens=50 input_audio_tokens=60 output_tokens=10, 0.000095 price-list",
        "csv, batch, input_tokens=100 cache_read_tokens=50 input_audio_tokens=60 output_tokens=10, 0.00019 partial",
        // 30*0.5 + 70*1 + 10*2
        "csv, flex, input_tokens=100 cache_read_tokens=30 input_audio_tokens=40 output_tokens=10, 0.000105 price-list",
        // in priority sound has another price than input: 30*3 + 40*8 + 30*4 + 10*6; they may overlap
        "csv, priority, input_tokens=100 cache_read_tokens=30 input_audio_tokens=40 output_tokens=10, 0.00059 partial",
        "csv, priority, input_tokens=100 cache_read_tokens=50 input_audio_tokens=60 output_tokens=10, none none",
        // 80000*0.1 + 20000*1 + 5*2; above 200000 200000*0.2 + 100000*2 + 5*4
        "long, '', input_tokens=100000 cache_read_tokens=80000 input_audio_tokens=90000 output_tokens=5, 0.02801 price-list",
        "long, '', input_tokens=300000 cache_read_tokens=200000 input_audio_tokens=200000 output_tokens=5, 0.24002 price-list",
        // above 200000 input costs as much as sound at every length: 200000*0.2 + 100000*2 + 5*4
        "meets, '', input_tokens=300000 cache_read_tokens=200000 input_audio_tokens=200000 output_tokens=5, 0.24002 price-list",
        "meets, '', input_tokens=100000 cache_read_tokens=80000 input_audio_tokens=90000 output_tokens=5, none none",
        "meets, turbo, input_tokens=300000 cache_read_tokens=200000 input_audio_tokens=200000 output_tokens=5, 0.24002 partial",
        // 5*8, in flex 5*4
        "answer, '', input_tokens=0 output_tokens=5 output_audio_tokens=3 output_reasoning_tokens=3, 0.00004 price-list",
        "answer, flex, input_tokens=0 output_tokens=5 output_audio_tokens=3 output_reasoning_tokens=3, 0.00002 price-list",
        // one-hour writes cost what writes cost, which cost what input costs: 100*1
        "writes, flex, input_tokens=100 output_tokens=0 cache_write_tokens=50 cache_write_1h_tokens=50"
                + " input_audio_tokens=60, 0.0001 price-list",
        // input has no price in flex, so sound keeps its own: 40*1 + 60*1 at the standard price
        "half, flex, input_tokens=100 output_tokens=0 input_audio_tokens=60, 0.0001 partial",
        // sound costs what input costs in the standard tier at each length, and so in flex: 300000*1 and 100000*0.5
        "both, flex, input_tokens=300000 output_tokens=0 input_audio_tokens=100000, 0.3 price-list",
        "both, flex, input_tokens=100000 output_tokens=0 input_audio_tokens=50000, 0.05 price-list",
        "both, '', input_tokens=300000 output_tokens=0 input_audio_tokens=100000, 0.6 price-list"
    })
    void sameInTiers(String model, String tier, String meters, String expected) {
        PriceList same = model.equals("csv") ? Lists.csv("""
                        provider,model,from,tier,input,cached_input,output,input_audio
                        p,csv,2026-01-01,,2,1,4,2
                        p,csv,2026-01-01,flex,1,0.5,2,1
                        p,csv,2026-01-01,priority,4,3,6,8
                        """) : Lists.liteLlm("""
                        {"long": {"litellm_provider": "p", "mode": "chat",
                           "input_cost_per_token": 1e-06, "input_cost_per_token_above_200k_tokens": 2e-06,
                           "input_cost_per_audio_token": 1e-06, "input_cost_per_audio_token_above_200k_tokens": 2e-06,
                           "cache_read_input_token_cost": 1e-07, "cache_read_input_token_cost_above_200k_tokens": 2e-07,
                           "output_cost_per_token": 2e-06, "output_cost_per_token_above_200k_tokens": 4e-06},
                         "meets": {"litellm_provider": "p", "mode": "chat",
                           "input_cost_per_token": 1e-06, "input_cost_per_token_above_200k_tokens": 2e-06,
                           "input_cost_per_audio_token": 2e-06,
                           "cache_read_input_token_cost": 1e-07, "cache_read_input_token_cost_above_200k_tokens": 2e-07,
                           "output_cost_per_token": 2e-06, "output_cost_per_token_above_200k_tokens": 4e-06},
                         "answer": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06,
                           "output_cost_per_token": 8e-06, "output_cost_per_audio_token": 8e-06,
                           "output_cost_per_reasoning_token": 8e-06,
                           "output_cost_per_token_flex": 4e-06, "output_cost_per_audio_token_flex": 4e-06,
                           "output_cost_per_reasoning_token_flex": 4e-06},
                         "writes": {"litellm_provider": "p", "mode": "chat", "output_cost_per_token": 8e-06,
                           "input_cost_per_token": 2e-06, "cache_creation_input_token_cost_above_1hr": 4e-06,
                           "input_cost_per_audio_token": 2e-06,
                           "input_cost_per_token_flex": 1e-06, "cache_creation_input_token_cost_above_1hr_flex": 1e-06,
                           "input_cost_per_audio_token_flex": 1e-06},
                         "half": {"litellm_provider": "p", "mode": "chat", "output_cost_per_token": 8e-06,
                           "input_cost_per_token": 1e-06, "input_cost_per_audio_token": 3e-06,
                           "input_cost_per_audio_token_flex": 1e-06},
                         "both": {"litellm_provider": "p", "mode": "chat", "output_cost_per_token": 8e-06,
                           "input_cost_per_token": 1e-06, "input_cost_per_token_above_200k_tokens": 2e-06,
                           "input_cost_per_token_flex": 5e-07, "input_cost_per_token_above_200k_tokens_flex": 1e-06,
                           "input_cost_per_audio_token": 1e-06, "input_cost_per_audio_token_above_200k_tokens": 2e-06}}""");
        assertThat(Lists.costAndSource(same, Lists.tier(Lists.usage("p", model, meters), tier)))
                .isEqualTo(expected);
    }

    @Test
    @DisplayName("a part with the price of its whole in a tier keeps it as its own if the whole has none in that tier")
    void wholeWithoutTier() {
        PriceList half = Lists.liteLlm("""
                {"m": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 8e-06,
                  "input_cost_per_audio_token": 3e-06, "input_cost_per_audio_token_flex": 1e-06}}""");

        // All tokens are sound, and sound has a price in flex.
        assertThat(Lists.costAndSource(
                        half,
                        Lists.tier(
                                Lists.usage("p", "m", "input_tokens=60 output_tokens=0 input_audio_tokens=60"),
                                "flex")))
                .isEqualTo("0.00006 price-list");
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("parts cost their own price, and if a part that is usually dearer has none, the cost is partial")
    @CsvSource({
        // 400*2 + 600*30
        "m, input_tokens=1000 output_tokens=0 input_audio_tokens=600, 0.0188 price-list",
        // 1000*2
        "thin, input_tokens=1000 output_tokens=0 input_audio_tokens=600, 0.002 partial",
        "thin, input_tokens=1000 output_tokens=0 input_image_tokens=1, 0.002 partial",
        "thin, input_tokens=1000 output_tokens=0 tool_prompt_tokens=600, 0.002 price-list",
        // 100*2 + 500*2.5 + 400*4
        "m, input_tokens=1000 output_tokens=0 cache_write_tokens=900 cache_write_1h_tokens=400, 0.00305 price-list",
        // writes cost what input costs, the one-hour ones too
        "thin, input_tokens=1000 output_tokens=0 cache_write_tokens=900 cache_write_1h_tokens=400, 0.002 partial",
        "thin, input_tokens=1000 output_tokens=0 cache_write_tokens=900, 0.002 price-list",
        // 10*2 + 40*8 + 60*60
        "m, input_tokens=10 output_tokens=100 output_audio_tokens=60, 0.00394 price-list"
    })
    void parts(String model, String meters, String expected) {
        assertThat(asked(model, meters)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName(
            "parts that may be the same tokens are charged separately, and have no price if they exceed their whole")
    @CsvSource({
        // 200*2 + 300*0.5 + 500*30
        "m, input_tokens=1000 output_tokens=0 cache_read_tokens=300 input_audio_tokens=500, 0.01555 partial",
        "m, input_tokens=1000 output_tokens=0 cache_read_tokens=600 input_audio_tokens=500, none none",
        // the joint count is known to be 0
        "m, input_tokens=1000 output_tokens=0 cache_read_tokens=300 input_audio_tokens=500 cache_audio_read_tokens=0,"
                + " 0.01555 price-list",
        "m, input_tokens=1000 output_tokens=0 cache_read_tokens=600 input_audio_tokens=500 cache_audio_read_tokens=0,"
                + " none none",
        // the joint count is known: 100 cached sound *0.3, 500 cached *0.5, 400 sound *30, 0 for the rest
        "m, input_tokens=1000 output_tokens=0 cache_read_tokens=600 input_audio_tokens=500 cache_audio_read_tokens=100,"
                + " 0.01228 price-list",
        // no price of sound here: 400*2 + 600*0.5, cached sound costs what cached input costs
        "thin, input_tokens=1000 output_tokens=0 cache_read_tokens=600 input_audio_tokens=500 cache_audio_read_tokens=100,"
                + " 0.0011 partial"
    })
    void overlap(String model, String meters, String expected) {
        assertThat(asked(model, meters)).isEqualTo(expected);
    }

    @Test
    @DisplayName("a web search costs the price of its context size, or else that of the medium size, or has no price")
    void searches() {
        PricedUsage usage = Lists.usage("p", "m", "input_tokens=10 output_tokens=0 web_searches=3");
        // 10*2 + 3*20000
        assertThat(Lists.costAndSource(list, usage)).isEqualTo("0.06002 partial");
        PricedUsage low =
                new PricedUsage("p", "m", "chat", Lists.NOW, "flex", usage.quantities(), usage.doubts(), "low");
        // 10*1 + 3*10000
        assertThat(Lists.costAndSource(list, low)).isEqualTo("0.03001 price-list");
        assertThat(asked("thin", "input_tokens=10 output_tokens=0 web_searches=3"))
                .isEqualTo("0.00002 partial");
        assertThat(list.quote(Lists.usage("p", "thin", "input_tokens=10 web_searches=3"))
                        .notes())
                .anyMatch(note -> note.contains("web_searches have no price: the bill may be higher"));
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("a part's price of 0 beside another price holds where tokens are paid for, and is none otherwise")
    @CsvSource({
        "robot, '', input_tokens=1000 cache_read_tokens=1000, 0 price-list",
        // 1000*0.3 + 10*2.5
        "robot, '', input_tokens=2000 cache_read_tokens=1000 output_tokens=10, 0.000325 price-list",
        "robot, flex, input_tokens=1000 cache_read_tokens=1000, 0 price-list",
        "robot, '', input_tokens=1000 cache_read_tokens=1000 input_audio_tokens=1000 cache_audio_read_tokens=1000, 0 price-list",
        // Above 200,000: 1000*0.6, and the cached tokens 0.
        "robot, '', input_tokens=301000 cache_read_tokens=300000, 0.0006 price-list",
        // The answer's tokens are paid for, the prompt's are not.
        "answer, '', input_tokens=1000 cache_read_tokens=1000, none none",
        // No price above the length, so the prices below it hold: 300000*0.1.
        "above, '', input_tokens=300000 cache_read_tokens=300000, 0.03 price-list",
        "range, '', input_tokens=1000 cache_read_tokens=1000, 0 price-list",
        "range, '', input_tokens=2000 cache_read_tokens=2000, none none"
    })
    void freeParts(String model, String tier, String meters, String expected) {
        PriceList parts = Lists.liteLlm("""
                {"robot": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 3e-07, "output_cost_per_token": 2.5e-06,
                   "cache_read_input_token_cost": 0, "cache_read_input_token_cost_flex": 0, "input_cost_per_audio_token": 1e-06,
                   "cache_read_input_audio_token_cost": 0, "input_cost_per_token_above_200k_tokens": 6e-07,
                   "cache_read_input_token_cost_above_200k_tokens": 0,
                   "search_context_cost_per_query": {"search_context_size_medium": 0.035}},
                 "answer": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 2e-06,
                   "cache_read_input_token_cost": 0, "output_cost_per_image": 0.04},
                 "above": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 3e-07, "output_cost_per_token": 2e-06,
                   "input_cost_per_token_above_200k_tokens": 0, "cache_read_input_token_cost": 1e-07,
                   "cache_read_input_token_cost_above_200k_tokens": 0, "output_cost_per_image": 0.04},
                 "range": {"litellm_provider": "p", "mode": "chat", "output_cost_per_image": 0.04, "tiered_pricing": [
                   {"range": [0, 1000], "input_cost_per_token": 3e-07, "cache_read_input_token_cost": 0},
                   {"range": [1000, 5000], "input_cost_per_token": 0, "cache_read_input_token_cost": 0}]}}""");

        assertThat(Lists.costAndSource(parts, Lists.tier(Lists.usage("p", model, meters), tier)))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName(
            "a web search with a known size costs the price of that size; one without a size costs the medium price, if there is one")
    @CsvSource({
        // 10*2 + 2*10000, 2*20000, 2*30000; the medium price for an unknown size and for one that the list does not
        // have
        "all, low, 0.02002 price-list",
        "all, medium, 0.04002 price-list",
        "all, high, 0.06002 price-list",
        "all, '', 0.04002 partial",
        "all, huge, 0.04002 partial",
        // 10*2 + 2*10000 for every size
        "same, '', 0.02002 price-list",
        "same, high, 0.02002 price-list",
        "same, huge, 0.02002 partial",
        // a price for the medium size alone
        "middle, medium, 0.04002 price-list",
        "middle, high, 0.04002 partial",
        "middle, '', 0.04002 partial",
        // no price for the medium size
        "ends, low, 0.02002 price-list",
        "ends, high, 0.06002 price-list",
        "ends, '', 0.00002 partial"
    })
    void searchSizes(String model, String size, String expected) {
        PriceList sizes = Lists.liteLlm("""
                {"all": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06,
                   "search_context_cost_per_query": {"search_context_size_low": 0.01, "search_context_size_medium": 0.02,
                     "search_context_size_high": 0.03}},
                 "same": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06,
                   "search_context_cost_per_query": {"search_context_size_low": 0.01, "search_context_size_medium": 0.01,
                     "search_context_size_high": 0.01}},
                 "middle": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06,
                   "search_context_cost_per_query": {"search_context_size_medium": 0.02}},
                 "ends": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06,
                   "search_context_cost_per_query": {"search_context_size_low": 0.01, "search_context_size_high": 0.03}}}""");
        PricedUsage usage = Lists.usage("p", model, "input_tokens=10 output_tokens=0 web_searches=2");
        assertThat(Lists.costAndSource(
                        sizes,
                        new PricedUsage("p", model, "chat", Lists.NOW, "", usage.quantities(), usage.doubts(), size)))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @DisplayName(
            "a fee per request is charged once for a call, or as often as the call says, in every tier and by every list")
    @CsvSource({
        // 1000*1 + 5000; for two requests; in a tier without a price for requests
        "csv, '', input_tokens=1000 output_tokens=0, 0.006 price-list",
        "csv, '', input_tokens=1000 output_tokens=0 requests=2, 0.011 price-list",
        "csv, flex, input_tokens=1000 output_tokens=0, 0.0055 price-list",
        "liteLlm, '', input_tokens=1000 output_tokens=0, 0.006 price-list",
        "liteLlm, '', input_tokens=1000 output_tokens=0 requests=3, 0.016 price-list",
        "genai, '', input_tokens=1000 output_tokens=0, 0.006 price-list",
        "genai, '', input_tokens=1000 output_tokens=0 requests=1, 0.006 price-list"
    })
    void requestFees(String list, String tier, String meters, String expected) {
        PriceList fees =
                switch (list) {
                    case "csv" -> Lists.csv("""
                            provider,model,from,tier,input,output,requests
                            p,m,2026-01-01,,1,2,5
                            p,m,2026-01-01,flex,0.5,1,
                            """);
                    case "liteLlm" -> Lists.liteLlm("""
                            {"m": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06,
                              "output_cost_per_token": 2e-06, "input_cost_per_request": 0.005}}""");
                    default -> Lists.genai("""
                            [{"id": "p", "models": [{"id": "m", "match": {"equals": "m"}, "prices":
                              {"input_mtok": 1, "output_mtok": 2, "requests_kcount": 5}}]}]""");
                };
        assertThat(Lists.costAndSource(fees, Lists.tier(Lists.usage("p", "m", meters), tier)))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @DisplayName(
            "a count must be above a list's threshold, and then the higher price holds for all tokens of the meters that it names")
    @CsvSource({
        // 199999*1, 200000*1, then 200001*3, each + 1000*2 of output, which is 1000*5 above in our format alone
        "csv, 199999, 0.201999 price-list",
        "csv, 200000, 0.202 price-list",
        "csv, 200001, 0.605003 price-list",
        "liteLlm, 199999, 0.201999 price-list",
        "liteLlm, 200000, 0.202 price-list",
        "liteLlm, 200001, 0.602003 price-list",
        "genai, 199999, 0.201999 price-list",
        "genai, 200000, 0.202 price-list",
        "genai, 200001, 0.602003 price-list",
        // beyond the last threshold of two: 500001*7 + 1000*2
        "two, 500000, 1.502 price-list",
        "two, 500001, 3.502007 price-list",
        // our format has no price beyond its last line
        "ends, 200000, 0.202 price-list",
        "ends, 200001, none none"
    })
    void thresholds(String list, long input, String expected) {
        PriceList lengths =
                switch (list) {
                    case "csv" -> Lists.csv("""
                            provider,model,from,up_to_input,input,output
                            p,m,2026-01-01,200000,1,2
                            p,m,2026-01-01,,3,5
                            """);
                    case "ends" -> Lists.csv("""
                            provider,model,from,up_to_input,input,output
                            p,m,2026-01-01,200000,1,2
                            """);
                    case "liteLlm" -> Lists.liteLlm("""
                            {"m": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06,
                              "output_cost_per_token": 2e-06, "input_cost_per_token_above_200k_tokens": 3e-06}}""");
                    case "two" -> Lists.genai("""
                            [{"id": "p", "models": [{"id": "m", "match": {"equals": "m"}, "prices": {"output_mtok": 2,
                              "input_mtok": {"base": 1, "tiers": [{"start": 200000, "price": 3}, {"start": 500000, "price": 7}]}}}]}]""");
                    default -> Lists.genai("""
                            [{"id": "p", "models": [{"id": "m", "match": {"equals": "m"}, "prices": {"output_mtok": 2,
                              "input_mtok": {"base": 1, "tiers": [{"start": 200000, "price": 3}]}}}]}]""");
                };
        assertThat(Lists.costAndSource(lengths, Lists.usage("p", "m", "input_tokens=" + input + " output_tokens=1000")))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} at {1}")
    @DisplayName("a price begins exactly at its instant, in UTC, and the last one that has begun holds")
    @CsvSource({
        "csv, 2025-12-31T23:59:59.999999Z, none none",
        "csv, 2026-01-01T00:00:00Z, 1 price-list",
        // 2026-08-16T18:00:00+02:00 is 16:00 in UTC
        "csv, 2026-08-16T15:59:59.999999Z, 1 price-list",
        "csv, 2026-08-16T16:00:00Z, 2 price-list",
        "genai, 2026-08-31T23:59:59.999999Z, 1 price-list",
        "genai, 2026-09-01T00:00:00Z, 2 price-list",
        "genai, 2026-10-01T09:59:59.999999Z, 2 price-list",
        "genai, 2026-10-01T10:00:00Z, 3 price-list"
    })
    void instants(String list, Instant at, String expected) {
        PriceList dated = list.equals("csv") ? Lists.csv("""
                        provider,model,from,input,output
                        p,m,2026-01-01,1,1
                        p,m,2026-08-16T18:00:00+02:00,2,1
                        """) : Lists.genai("""
                        [{"id": "p", "models": [{"id": "m", "match": {"equals": "m"}, "prices": [
                          {"prices": {"input_mtok": 1, "output_mtok": 1}},
                          {"constraint": {"start_date": "2026-09-01"}, "prices": {"input_mtok": 2, "output_mtok": 1}},
                          {"constraint": {"start_date": "2026-10-01T12:00:00+02:00"},
                           "prices": {"input_mtok": 3, "output_mtok": 1}}]}]}]""");
        assertThat(Lists.costAndSource(
                        dated, Lists.at(Lists.usage("p", "m", "input_tokens=1000000 output_tokens=0"), at)))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("errors of binary fractions after the 13th digit are rounded away, and nothing before it")
    @CsvSource({
        // a million tokens each
        "1.8000010000000002e-05, 18.00001",
        "2.9999900000000002e-06, 2.99999",
        "1.2345678901234e-06, 1.234567890123",
        "1.23456789012361e-06, 1.234567890124",
        "0.1e-06, 0.1",
        "3.0000000000000004e-07, 0.3"
    })
    void noise(String price, String expected) {
        PriceList list =
                Lists.liteLlm("{\"m\": {\"litellm_provider\": \"p\", \"mode\": \"chat\", \"input_cost_per_token\": "
                        + price + ", \"output_cost_per_token\": 1e-06}}");
        assertThat(Lists.cost(list, Lists.usage("p", "m", "input_tokens=1000000 output_tokens=0")))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("huge parts do not leave a small rest of their whole")
    @CsvSource({
        "input_tokens=9223372036854775807 output_tokens=0 input_audio_tokens=9223372036854775807"
                + " input_image_tokens=9223372036854775807 input_video_tokens=9223372036854775807",
        "input_tokens=9223372036854775807 output_tokens=0 input_audio_tokens=9223372036854775807"
                + " cache_read_tokens=4611686018427387904 cache_write_tokens=4611686018427387903"
    })
    void beyondBounds(String meters) {
        PriceList list = Lists.csv(
                "provider,model,from,input,output,cached_input,cache_write,input_audio,input_image,input_video\n"
                        + "p,m,2026-01-01,1,2,3,4,5,6,7\n");
        assertThat(Lists.costAndSource(list, Lists.usage("p", "m", meters))).isEqualTo("none none");
    }

    @Test
    @DisplayName("a call counts as one request if the list has a price for requests")
    void requests() {
        PriceList csv = Lists.csv("""
                provider,model,from,input,output,requests,search_units
                p,m,2026-01-01,1,2,5,
                p,r,2026-01-01,,,,2
                """);
        // 1000*1 + 5/1000
        assertThat(Lists.costAndSource(csv, Lists.usage("p", "m", "input_tokens=1000 output_tokens=0")))
                .isEqualTo("0.006 price-list");
        assertThat(Lists.costAndSource(csv, Lists.usage("p", "m", "input_tokens=1000 output_tokens=0 requests=2")))
                .isEqualTo("0.011 price-list");
        assertThat(Lists.costAndSource(csv, Lists.kind(Lists.usage("p", "r", "search_units=3"), "rerank")))
                .isEqualTo("0.006 price-list");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("an unknown count is not 0, and impossible counts are not priced")
    @CsvSource({
        "INPUT_UNKNOWN, none none",
        "OUTPUT_UNKNOWN, 0.0028 partial",
        "INCOMPLETE, 0.0028 partial",
        "CONTRADICTORY, none none",
        "TOTAL_ALONE, none none"
    })
    void doubts(UsageDoubt doubt, String expected) {
        PricedUsage usage = Lists.usage("p", "m", "input_tokens=1000 output_tokens=100");
        assertThat(Lists.costAndSource(list, Lists.doubt(usage, doubt))).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("a part larger than its whole is not priced")
    @CsvSource({
        "input_tokens=10 output_tokens=1 cache_read_tokens=11",
        "input_tokens=10 output_tokens=1 cache_read_tokens=6 cache_write_tokens=5",
        "input_tokens=10 output_tokens=1 cache_write_tokens=5 cache_write_1h_tokens=6",
        "input_tokens=10 output_tokens=1 output_reasoning_tokens=2",
        "input_tokens=10 output_tokens=0",
        "output_tokens=1 cache_read_tokens=1"
    })
    void contradictions(String meters) {
        String expected = meters.equals("input_tokens=10 output_tokens=0") ? "0.00002 price-list" : "none none";
        assertThat(asked("m", meters)).isEqualTo(expected);
    }

    @Test
    @DisplayName(
            "hours begin inclusive and end exclusive, and hours past midnight belong to the weekday on which they began")
    void hours() {
        PriceList csv = Lists.csv("""
                provider,model,from,input,output,hours
                p,m,2026-01-01,1,1,
                p,m,2026-01-01,9,9,fri 22:00-06:00
                """);
        // 2026-09-18 is a Friday
        for (String at : new String[] {"2026-09-18T21:59:59.999Z", "2026-09-19T06:00:00Z", "2026-09-18T05:00:00Z"}) {
            assertThat(at(csv, at)).as(at).isEqualTo("1");
        }
        for (String at : new String[] {"2026-09-18T22:00:00Z", "2026-09-19T05:59:59.999Z", "2026-09-19T00:00:00Z"}) {
            assertThat(at(csv, at)).as(at).isEqualTo("9");
        }
    }

    @Test
    @DisplayName("the last of several dated prices that is active holds, from its instant on, in UTC")
    void dates() {
        PriceList genai = Lists.genai("""
                [{"id": "p", "models": [{"id": "m", "match": {"equals": "m"}, "prices": [
                  {"prices": {"input_mtok": 1, "output_mtok": 1}},
                  {"constraint": {"start_date": "2026-09-01"}, "prices": {"input_mtok": 2, "output_mtok": 1}},
                  {"constraint": {"start_time": "20:00:00Z", "end_time": "02:00:00Z"},
                   "prices": {"input_mtok": 3, "output_mtok": 1}}]},
                 {"id": "odd", "match": {"equals": "odd"}, "prices": [
                  {"prices": {"input_mtok": 1}},
                  {"constraint": {"moon": "full"}, "prices": {"input_mtok": 2}}]},
                 {"id": "later", "match": {"equals": "later-2026-01-01"}, "prices": [
                  {"constraint": {"start_date": "2099-01-01"}, "prices": {"input_mtok": 2}}]},
                 {"id": "other", "match": {"equals": "later"}, "prices": {"input_mtok": 7}}]}]""");
        assertThat(at(genai, "2026-08-31T12:00:00Z")).isEqualTo("1");
        assertThat(at(genai, "2026-08-31T19:59:59Z")).isEqualTo("1");
        assertThat(at(genai, "2026-09-01T12:00:00Z")).isEqualTo("2");
        assertThat(at(genai, "2026-09-01T20:00:00Z")).isEqualTo("3");
        assertThat(at(genai, "2026-09-01T01:59:59Z")).isEqualTo("3");
        assertThat(at(genai, "2026-09-01T02:00:00Z")).isEqualTo("2");
        assertThat(Lists.cost(genai, Lists.usage("p", "odd", "input_tokens=10")))
                .isEqualTo("none");
        assertThat(Lists.cost(genai, Lists.usage("p", "later-2026-01-01", "input_tokens=10")))
                .as("prices that begin later block the model without its date")
                .isEqualTo("none");
    }

    private static String at(PriceList list, String at) {
        return Lists.cost(
                list, Lists.at(Lists.usage("p", "m", "input_tokens=1000000 output_tokens=0"), Instant.parse(at)));
    }

    @Test
    @DisplayName("ranges exclude their low end and include their high end, and above the last range there is no price")
    void ranges() {
        PriceList ranges = Lists.liteLlm("""
                {"p/m": {"litellm_provider": "p", "mode": "chat", "tiered_pricing": [
                  {"range": [0, 100.0], "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
                  {"range": [100.0, 200.0], "input_cost_per_token": 3e-06, "output_cost_per_token": 4e-06}]}}""");
        // 100*1 + 10*2; 101*3 + 10*4; 200*3 + 10*4
        assertThat(Lists.cost(ranges, Lists.usage("p", "m", "input_tokens=100 output_tokens=10")))
                .isEqualTo("0.00012");
        assertThat(Lists.cost(ranges, Lists.usage("p", "m", "input_tokens=101 output_tokens=10")))
                .isEqualTo("0.000343");
        assertThat(Lists.cost(ranges, Lists.usage("p", "m", "input_tokens=200 output_tokens=10")))
                .isEqualTo("0.00064");
        assertThat(Lists.cost(ranges, Lists.usage("p", "m", "input_tokens=201 output_tokens=10")))
                .isEqualTo("none");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "the price of a range holds also if the entry has another one for all lengths; two in one object block")
    @CsvSource({
        // 50*1 + 50*0.1 + 10*2
        "m, input_tokens=100 cache_read_tokens=50 output_tokens=10, 0.000075",
        // 51*3 + 50*0.3 + 10*4
        "m, input_tokens=101 cache_read_tokens=50 output_tokens=10, 0.000208",
        // 101*5 + 100*0.05 (the price for all lengths) + 10*6
        "m, input_tokens=201 cache_read_tokens=100 output_tokens=10, 0.00057",
        // 200001*1 + 100000*0.1 + 10*2, though the entry has a price for more than 200000 tokens
        "long, input_tokens=300001 cache_read_tokens=100000 output_tokens=10, 0.210021",
        "pair, input_tokens=100 cache_read_tokens=50 output_tokens=10, none",
        "top, input_tokens=100 cache_read_tokens=50 output_tokens=10, none"
    })
    void rangesAndTop(String model, String meters, String expected) {
        PriceList ranges = Lists.liteLlm("""
                {"m": {"litellm_provider": "p", "mode": "chat", "cache_read_input_token_cost": 5e-08, "tiered_pricing": [
                  {"range": [0, 100], "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
                   "cache_read_input_token_cost": 1e-07},
                  {"range": [100, 200], "input_cost_per_token": 3e-06, "output_cost_per_token": 4e-06,
                   "input_cost_per_token_cache_hit": 3e-07},
                  {"range": [200, 300], "input_cost_per_token": 5e-06, "output_cost_per_token": 6e-06}]},
                 "long": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token_above_200k_tokens": 9e-06,
                  "cache_read_input_token_cost_above_200k_tokens": 9e-07, "tiered_pricing": [
                  {"range": [0, 1000000], "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
                   "cache_read_input_token_cost": 1e-07}]},
                 "pair": {"litellm_provider": "p", "mode": "chat", "tiered_pricing": [
                  {"range": [0, 100], "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
                   "cache_read_input_token_cost": 1e-07, "input_cost_per_token_cache_hit": 2e-07}]},
                 "top": {"litellm_provider": "p", "mode": "chat", "cache_read_input_token_cost": 1e-07,
                  "input_cost_per_token_cache_hit": 2e-07, "tiered_pricing": [
                  {"range": [0, 100], "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
                   "cache_read_input_token_cost": 1e-07}]}}""");
        assertThat(Lists.cost(ranges, Lists.usage("p", model, meters))).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @DisplayName(
            "in our own format the last line holds that has begun, is for the tier and the hour, and allows the length")
    @CsvSource({
        // a later line for flex alone
        "flex, '', 2026-06-30T12:00:00Z, 100000, 0.1 price-list",
        "flex, '', 2026-07-01T12:00:00Z, 100000, 0.1 price-list",
        "flex, flex, 2026-06-30T12:00:00Z, 100000, 0.05 price-list",
        "flex, flex, 2026-07-01T12:00:00Z, 100000, 0.02 price-list",
        // a later line for the standard tier alone
        "standard, '', 2026-07-01T12:00:00Z, 100000, 0.2 price-list",
        "standard, flex, 2026-07-01T12:00:00Z, 100000, 0.05 price-list",
        // a later line for short prompts alone
        "short, '', 2026-06-30T12:00:00Z, 100000, 0.1 price-list",
        "short, '', 2026-07-01T12:00:00Z, 100000, 0.2 price-list",
        "short, '', 2026-07-01T12:00:00Z, 100001, 0.300003 price-list",
        // a later line for all prompts ends the earlier one for short prompts
        "flat, '', 2026-06-30T12:00:00Z, 50000, 0.05 price-list",
        "flat, '', 2026-07-01T12:00:00Z, 50000, 0.1 price-list",
        "flat, '', 2026-07-01T12:00:00Z, 100001, 0.200002 price-list",
        // a Wednesday, at 10:00 a line for some hours of the standard tier, and for short prompts
        "hours, '', 2026-07-01T12:00:00Z, 100000, 0.1 price-list",
        "hours, '', 2026-07-01T10:00:00Z, 100000, 0.2 price-list",
        "hours, '', 2026-07-01T10:00:00Z, 100001, 0.100001 price-list",
        "hours, flex, 2026-07-01T10:00:00Z, 100000, 0.05 price-list",
        // beyond the lines of the tier the standard price holds
        "shortflex, flex, 2026-07-01T12:00:00Z, 100000, 0.05 price-list",
        "shortflex, flex, 2026-07-01T12:00:00Z, 100001, 0.100001 partial",
        // a tier before the standard one
        "early, '', 2026-06-30T12:00:00Z, 100000, none none",
        "early, flex, 2026-06-30T12:00:00Z, 100000, 0.05 price-list",
        "early, '', 2026-07-01T12:00:00Z, 100000, 0.1 price-list",
        "early, '', 2025-12-31T12:00:00Z, 100000, none none",
        "early, flex, 2025-12-31T12:00:00Z, 100000, none none"
    })
    void lastLine(String model, String tier, Instant at, long input, String expected) {
        PriceList csv = Lists.csv("""
                provider,model,from,tier,up_to_input,hours,input,output
                p,flex,2026-01-01,,,,1,0
                p,flex,2026-01-01,flex,,,0.5,0
                p,flex,2026-07-01,flex,,,0.2,0
                p,standard,2026-01-01,,,,1,0
                p,standard,2026-01-01,flex,,,0.5,0
                p,standard,2026-07-01,,,,2,0
                p,short,2026-01-01,,100000,,1,0
                p,short,2026-01-01,,,,3,0
                p,short,2026-07-01,,100000,,2,0
                p,flat,2026-01-01,,100000,,1,0
                p,flat,2026-01-01,,,,3,0
                p,flat,2026-07-01,,,,2,0
                p,hours,2026-01-01,,,,1,0
                p,hours,2026-01-01,,100000,09:00-11:00,2,0
                p,hours,2026-01-01,flex,,,0.5,0
                p,shortflex,2026-01-01,,,,1,0
                p,shortflex,2026-01-01,flex,100000,,0.5,0
                p,early,2026-01-01,flex,,,0.5,0
                p,early,2026-07-01,,,,1,0
                """);
        assertThat(Lists.costAndSource(
                        csv, Lists.tier(Lists.at(Lists.usage("p", model, "input_tokens=" + input), at), tier)))
                .isEqualTo(expected);
    }

    @Test
    @DisplayName("the quote says since when the line holds that prices the tier")
    void fromOfTheTier() {
        PriceList csv = Lists.csv("""
                provider,model,from,tier,input,output
                p,m,2026-01-01,,1,0
                p,m,2026-07-01,flex,0.5,0
                """);
        PricedUsage usage = Lists.usage("p", "m", "input_tokens=10");
        assertThat(csv.quote(usage).price().from()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(csv.quote(Lists.tier(usage, "flex")).price().from()).isEqualTo("2026-07-01T00:00:00Z");
    }

    @Test
    @DisplayName("an entry for embeddings or reranking never prices a chat, but one for images does")
    void kinds() {
        PriceList kinds = Lists.liteLlm("""
                {"e": {"litellm_provider": "p", "mode": "embedding", "input_cost_per_token": 1e-06, "output_cost_per_token": 0},
                 "i": {"litellm_provider": "p", "mode": "image_generation", "input_cost_per_token": 1e-06,
                       "output_cost_per_token": 2e-06},
                 "r": {"litellm_provider": "p", "mode": "rerank", "input_cost_per_token": 0.0, "input_cost_per_query": 0.002}}""");
        assertThat(Lists.cost(kinds, Lists.usage("p", "e", "input_tokens=10 output_tokens=1")))
                .isEqualTo("none");
        assertThat(Lists.cost(kinds, Lists.kind(Lists.usage("p", "e", "input_tokens=10"), "embedding")))
                .isEqualTo("0.00001");
        assertThat(Lists.cost(kinds, Lists.usage("p", "i", "input_tokens=10 output_tokens=1")))
                .isEqualTo("0.000012");
        assertThat(Lists.cost(kinds, Lists.usage("p", "r", "input_tokens=10"))).isEqualTo("none");
        assertThat(Lists.cost(kinds, Lists.kind(Lists.usage("p", "r", "input_tokens=10 search_units=1"), "rerank")))
                .as("a token price of 0 beside one for a query is no price")
                .isEqualTo("none");
        assertThat(Lists.cost(kinds, Lists.kind(Lists.usage("p", "r", "search_units=2"), "rerank")))
                .isEqualTo("0.004");
    }

    @Test
    @DisplayName("the items add up to the cost, a larger whole alone never costs less")
    void properties() {
        BigDecimal before = BigDecimal.ZERO;
        for (long input = 600; input < 400_000; input += 7_777) {
            Quote quote = list.quote(Lists.usage(
                    "p",
                    "m",
                    "output_tokens=90 output_audio_tokens=7 cache_read_tokens=300 cache_write_tokens=200"
                            + " cache_write_1h_tokens=50 web_searches=2 input_tokens=" + input));
            assertThat(quote.items().stream().map(Quote.Item::costUsd).reduce(BigDecimal.ZERO, BigDecimal::add))
                    .isEqualByComparingTo(quote.costUsd());
            assertThat(quote.costUsd()).isGreaterThan(before);
            before = quote.costUsd();
        }
        assertThat(list.quote(Lists.usage("p", "m", "input_tokens=5 output_tokens=5"))
                        .source())
                .isEqualTo(CostSource.PRICE_LIST);
    }
}
