package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.usage.CostSource;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("LiteLLM's whole list")
class LiteLlmWholeListTest {

    private static final Set<String> CHAT = Set.of("chat", "completion", "responses");
    private static final Map<String, String> TIERS =
            Map.of("", "", "_flex", "flex", "_priority", "priority", "_batches", "batch");

    private final JsonObject all = Lists.object(Lists.text("litellm-prices.json"));
    private final PriceList list = Lists.liteLlm(Lists.text("litellm-prices.json"));
    private final List<String> wrong = new ArrayList<>();
    private final Map<String, Integer> leftOut = new TreeMap<>();
    private int exact;
    private int unpriced;

    @Test
    @DisplayName(
            "prices each of its chat and embedding entries with the entry's own numbers, in each tier and at each threshold")
    void everyEntry() {
        Map<String, JsonObject> asked = new LinkedHashMap<>();
        all.forEach((key, value) -> {
            JsonObject entry = value.asJsonObject();
            String mode = entry.getString("mode", "");
            if (!key.equals("sample_spec") && (CHAT.contains(mode) || mode.equals("embedding"))) {
                asked.put(key, entry);
            }
        });
        asked.forEach(this::ask);

        assertThat(wrong).isEmpty();
        assertThat(asked).hasSizeGreaterThan(2500);
        assertThat(exact).isGreaterThan(2900);
        assertThat(leftOut)
                .as("left out by reason, though they have numbers; %s are exact and %s have no price", exact, unpriced)
                .isEqualTo(Map.of("several that disagree", 10, "an absurd price", 10, "a zero beside an image's", 2));
    }

    @Test
    @DisplayName(
            "names the keys of one model whose prices differ, and does not say that its calls have no price if they have one")
    void pairs() {
        PriceList few;
        try (CapturedLog unusable = CapturedLog.of(UnusableEntries.class.getName());
                CapturedLog pairs = CapturedLog.of(LiteLlmPrices.class.getName())) {
            Lists.liteLlm(Lists.text("litellm-prices.json"));
            assertThat(unusable.messages())
                    .singleElement()
                    .asString()
                    .doesNotContain("a second key of the same model (");
            assertThat(pairs.messages())
                    .singleElement()
                    .asString()
                    .containsAnyOf("moonshotai.kimi-k2.5", "gemini-exp-1206", "perplexity/sonar");

            few = Lists.liteLlm("""
                    {"p/a": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06},
                     "A": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 2e-06},
                     "p/b": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06},
                     "b": {"litellm_provider": "p", "mode": "responses", "input_cost_per_token": 0.000001},
                     "c": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06},
                     "p/c": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": -1},
                     "a-1": {"litellm_provider": "q", "mode": "chat", "input_cost_per_token": 3e-06},
                     "p/d": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06,
                       "input_cost_per_audio_token": 1e-06},
                     "d": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1e-06,
                       "input_cost_per_audio_token": 3e-06}}
                    """);
            assertThat(unusable.messages())
                    .last()
                    .asString()
                    .startsWith("2 entries of LiteLLM's list cannot be used")
                    .contains("1 of which have a second key of the same model that cannot be used (\"c\")")
                    .doesNotContain("\"d\"", "\"A\"");
            assertThat(pairs.messages())
                    .last()
                    .isEqualTo(
                            "4 keys of LiteLLM's list have a second key of the same model with other prices, and a call has"
                                    + " no price if they differ for what it used: \"p/a\", \"A\", \"p/d\", \"d\"");
        }
        assertThat(Lists.cost(few, Lists.usage("p", "a", "input_tokens=1000"))).isEqualTo("none");
        assertThat(Lists.cost(few, Lists.usage("p", "c", "input_tokens=1000"))).isEqualTo("none");
        assertThat(Lists.cost(few, Lists.usage("p", "d", "input_tokens=1000"))).isEqualTo("0.001");
        assertThat(Lists.cost(few, Lists.usage("p", "d", "input_tokens=1000 input_audio_tokens=10")))
                .isEqualTo("none");
    }

    private void ask(String key, JsonObject entry) {
        boolean embedding = entry.getString("mode").equals("embedding");
        long output = embedding ? 0 : 1000;
        TIERS.forEach((suffix, tier) -> {
            boolean has = suffix.isEmpty() || entry.keySet().stream().anyMatch(field -> field.endsWith(suffix));
            if (!has) {
                return;
            }
            ask(key, entry, 1000, output, suffix, tier);
            for (long threshold : thresholds(entry)) {
                ask(key, entry, threshold, output, suffix, tier);
                ask(key, entry, threshold + 1, output, suffix, tier);
            }
        });
    }

    private static Set<Long> thresholds(JsonObject entry) {
        NavigableMap<Long, Boolean> thresholds = new TreeMap<>();
        for (String field : entry.keySet()) {
            var above = java.util.regex.Pattern.compile("_above_(\\d+)k_tokens").matcher(field);
            if (above.find()) {
                thresholds.put(1000 * Long.parseLong(above.group(1)), true);
            }
        }
        if (entry.get("tiered_pricing") instanceof JsonArray ranges) {
            ranges.forEach(range -> thresholds.put(
                    range.asJsonObject().getJsonArray("range").getJsonNumber(1).longValue(), true));
        }
        return thresholds.keySet();
    }

    private void ask(String key, JsonObject entry, long input, long output, String suffix, String tier) {
        String provider = entry.getString("litellm_provider", "");
        String kind = entry.getString("mode").equals("embedding") ? "embedding" : "chat";
        BigDecimal expected = expected(entry, input, output, suffix);
        for (String name : names(key, provider)) {
            PricedUsage usage = Lists.kind(
                    Lists.tier(Lists.usage(provider, name, "input_tokens=" + input + " output_tokens=" + output), tier),
                    kind);
            Quote quote = list.quote(usage);
            if (quote.source() == CostSource.NONE && expected == null) {
                unpriced++;
            } else if (quote.source() == CostSource.NONE) {
                leftOut.merge(reason(quote.notes().get(quote.notes().size() - 1)), 1, Integer::sum);
            } else if (expected == null || quote.costUsd().compareTo(expected) != 0) {
                wrong.add(name + " of " + provider + " " + tier + " at " + input + ": " + quote.costUsd()
                        + " instead of " + expected);
            } else {
                exact++;
            }
        }
    }

    private static String reason(String note) {
        if (note.contains("more than once")) {
            return "several that disagree";
        }
        if (note.contains("dollars for a million tokens")) {
            return "an absurd price";
        }
        return note.contains("have no price for tokens") ? "a zero beside an image's" : note;
    }

    private static List<String> names(String key, String provider) {
        String begin = provider.toLowerCase(Locale.ROOT) + "/";
        return key.toLowerCase(Locale.ROOT).startsWith(begin)
                ? List.of(key, key.substring(begin.length()))
                : List.of(key);
    }

    /** The expected cost, computed from the entry in another way than the reader does it; null if it has no price. */
    private static BigDecimal expected(JsonObject entry, long input, long output, String suffix) {
        JsonObject prices = entry;
        if (entry.get("tiered_pricing") instanceof JsonArray ranges) {
            prices = null;
            for (JsonValue each : ranges) {
                JsonArray range = each.asJsonObject().getJsonArray("range");
                if (range.getJsonNumber(0).doubleValue() < input
                        && input <= range.getJsonNumber(1).doubleValue()) {
                    prices = each.asJsonObject();
                }
            }
            if (prices == null) {
                return null;
            }
        }
        BigDecimal sum = BigDecimal.ZERO;
        for (var each : Map.of("input_cost_per_token", input, "output_cost_per_token", output)
                .entrySet()) {
            if (each.getValue() == 0) {
                continue;
            }
            BigDecimal price = price(prices, each.getKey(), input, suffix);
            if (price == null) {
                return null;
            }
            sum = sum.add(price.multiply(BigDecimal.valueOf(each.getValue())));
        }
        BigDecimal request = number(entry, "input_cost_per_request");
        return request == null ? sum : sum.add(request);
    }

    private static BigDecimal price(JsonObject prices, String field, long input, String suffix) {
        BigDecimal found = number(prices, field);
        BigDecimal tiered = number(prices, field + suffix);
        found = tiered == null ? found : tiered;
        for (long threshold : thresholds(prices)) {
            String above = field + "_above_" + threshold / 1000 + "k_tokens";
            if (input > threshold && prices.containsKey(above)) {
                BigDecimal standard = number(prices, above);
                BigDecimal ofTier = number(prices, above + suffix);
                found = ofTier == null ? standard : ofTier;
            }
        }
        return found;
    }

    private static BigDecimal number(JsonObject entry, String field) {
        return entry.get(field) instanceof JsonNumber number
                ? number.bigDecimalValue().round(new MathContext(13))
                : null;
    }
}
