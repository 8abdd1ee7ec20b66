package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.llm.Meter;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.llm.UsagePayload;
import dev.tokentally.usage.CostSource;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Usage that real providers sent")
class RealPayloadsTest {

    private static final Instant FIRST_DAY = Instant.parse("2026-08-21T12:00:00Z");

    @Test
    @DisplayName("costs what genai-prices computes, in all 474 cases to a billionth of a dollar")
    void byGenaiPrices() {
        PriceList list = Lists.genai(Lists.text("genai-prices.json"));
        List<String> wrong = new ArrayList<>();
        int asked = 0;
        for (JsonObject each : Lists.objects("payloads.jsonl")) {
            asked++;
            Quote quote = list.quote(usage(each, FIRST_DAY, "chat"));
            BigDecimal expected = new BigDecimal(each.getString("cost_usd"));
            if (quote.costUsd() == null
                    || quote.costUsd().subtract(expected).abs().compareTo(new BigDecimal("1e-9")) > 0) {
                wrong.add(each.getString("case") + " " + each.getString("provider") + " " + each.getString("model")
                        + " " + each.get("tokens") + ": " + quote.costUsd() + " instead of " + expected + " "
                        + quote.notes());
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(asked).isEqualTo(474);
    }

    @Test
    @DisplayName("that people reported as wrongly priced costs the right amount, or has no cost if nobody can know it")
    void trials() {
        Map<String, PriceList> lists = Map.of(
                "genai", Lists.genai(Lists.text("genai-prices.json")),
                "litellm", Lists.liteLlm(Lists.text("litellm-prices.json")),
                "own", Lists.csv(Lists.text("trials-prices.csv")));
        List<String> wrong = new ArrayList<>();
        int asked = 0;
        for (JsonObject each : Lists.objects("trials.jsonl")) {
            asked++;
            Instant at = each.containsKey("at") ? Instant.parse(each.getString("at")) : Lists.NOW;
            Quote quote = lists.get(each.getString("list")).quote(usage(each, at, each.getString("kind", "chat")));
            String expected = each.getString("cost_usd");
            boolean right = expected.equals("unpriced")
                    ? quote.source() == CostSource.NONE
                    : quote.costUsd() != null && quote.costUsd().compareTo(new BigDecimal(expected)) == 0;
            if (!right) {
                wrong.add(each.getString("case") + ": " + quote.costUsd() + " instead of " + expected + " "
                        + quote.notes());
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(asked).isEqualTo(22);
    }

    @Test
    @DisplayName("read from the providers' own objects costs the same, or is partial if it must be")
    void byThePayloads() {
        PriceList list = Lists.genai(Lists.text("genai-prices.json"));
        List<String> wrong = new ArrayList<>();
        int asked = 0;
        for (JsonObject each : Lists.objects("payloads.jsonl")) {
            asked++;
            Quote quote = list.quote(payload(each, FIRST_DAY, "chat"));
            BigDecimal expected = new BigDecimal(each.getString("cost_usd"));
            String source = each.getString("cost_source", quote.source().label());
            if (quote.costUsd() == null
                    || quote.costUsd().subtract(expected).abs().compareTo(new BigDecimal("1e-9")) > 0
                    || !quote.source().label().equals(source)) {
                wrong.add(each.getString("case") + " " + each.get("usage") + ": " + quote.costUsd() + " instead of "
                        + expected + " " + quote.notes());
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(asked).isEqualTo(474);
    }

    @Test
    @DisplayName("in the trials, read from the providers' own objects, costs the right amount too")
    void trialsByThePayloads() {
        Map<String, PriceList> lists = Map.of(
                "genai", Lists.genai(Lists.text("genai-prices.json")),
                "litellm", Lists.liteLlm(Lists.text("litellm-prices.json")),
                "own", Lists.csv(Lists.text("trials-prices.csv")));
        List<String> wrong = new ArrayList<>();
        int asked = 0;
        for (JsonObject each : Lists.objects("trials.jsonl")) {
            if (!(each.get("usage") instanceof JsonObject)) {
                continue;
            }
            asked++;
            Instant at = each.containsKey("at") ? Instant.parse(each.getString("at")) : Lists.NOW;
            Quote quote = lists.get(each.getString("list")).quote(payload(each, at, each.getString("kind", "chat")));
            String expected = each.getString("cost_usd");
            boolean right = expected.equals("unpriced")
                    ? quote.source() == CostSource.NONE
                    : quote.costUsd() != null && quote.costUsd().compareTo(new BigDecimal(expected)) == 0;
            if (!right) {
                wrong.add(each.getString("case") + ": " + quote.costUsd() + " instead of " + expected + " "
                        + quote.notes());
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(asked).isEqualTo(17);
    }

    private static PricedUsage payload(JsonObject each, Instant at, String kind) {
        UsagePayload payload = UsagePayload.read(
                each.getString("provider"), each.getJsonObject("usage").toString());
        TokenUsage read = payload.tokens().forKind(kind);
        Map<Meter, Long> meters = new EnumMap<>(Meter.class);
        for (Meter meter : Meter.values()) {
            meters.put(meter, read.quantity(meter));
        }
        return new PricedUsage(
                each.getString("provider"),
                each.getString("model"),
                kind,
                at,
                each.getString("service_tier", payload.serviceTier()),
                meters,
                read.doubts(),
                payload.searchContextSize());
    }

    /** The counts that a trial gives; if it gives none, the plain counts of its object. */
    private static PricedUsage usage(JsonObject each, Instant at, String kind) {
        Map<Meter, Long> meters = new EnumMap<>(Meter.class);
        Set<UsageDoubt> doubts = Set.of();
        if (each.get("tokens") instanceof JsonObject tokens) {
            tokens.forEach((name, count) ->
                    meters.put(Meter.ofLabel(name).orElseThrow(), ((JsonNumber) count).longValueExact()));
        } else {
            JsonObject usage = each.getJsonObject("usage");
            meters.put(Meter.INPUT_TOKENS, (long) usage.getInt("prompt_tokens", 0));
            meters.put(Meter.OUTPUT_TOKENS, (long) usage.getInt("completion_tokens", usage.getInt("eval_count", 0)));
            if (!usage.containsKey("prompt_tokens")) {
                doubts = Set.of(UsageDoubt.INPUT_UNKNOWN);
            }
        }
        return new PricedUsage(
                each.getString("provider"),
                each.getString("model"),
                kind,
                at,
                each.getString("service_tier", ""),
                meters,
                doubts,
                "");
    }
}
