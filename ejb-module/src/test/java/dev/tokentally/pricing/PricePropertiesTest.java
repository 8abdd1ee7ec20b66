package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.llm.Meter;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.llm.UsagePayload;
import dev.tokentally.usage.CostSource;
import jakarta.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("For every usage and every list,")
class PricePropertiesTest {

    private static final Instant AT = Instant.parse("2026-08-21T12:00:00Z");

    /** A list, and the providers and models that it has. */
    private record Priced(PriceList list, List<String[]> models) {}

    private static List<Priced> lists() {
        List<String[]> shipped = new ArrayList<>();
        for (String line : Lists.text("prices.csv").lines().skip(1).toList()) {
            String[] cells = line.split(",");
            if (!line.startsWith("#") && cells.length > 1) {
                shipped.add(new String[] {cells[0], cells[1]});
            }
        }
        List<String[]> liteLlm = new ArrayList<>();
        Lists.object(Lists.text("litellm-prices.json")).forEach((key, value) -> {
            if (value instanceof JsonObject entry) {
                liteLlm.add(new String[] {entry.getString("litellm_provider", ""), key});
            }
        });
        List<String[]> genai = new ArrayList<>();
        Lists.objects("payloads.jsonl")
                .forEach(each -> genai.add(new String[] {each.getString("provider"), each.getString("model")}));
        return List.of(
                new Priced(Lists.of(PriceList.shipped()), shipped),
                new Priced(Lists.liteLlm(Lists.text("litellm-prices.json")), liteLlm),
                new Priced(Lists.genai(Lists.text("genai-prices.json")), genai));
    }

    private static final List<String> TIERS = List.of("", "flex", "priority", "batch", "turbo");

    @Test
    @DisplayName("the items add up to the cost, and no token of a whole is charged twice")
    void itemsAddUp() {
        Random random = new Random(11);
        int priced = 0;
        for (Priced each : lists()) {
            for (String[] model : each.models()) {
                Map<Meter, Long> meters = used(random);
                Quote quote = each.list().quote(usage(model, TIERS.get(random.nextInt(5)), meters));
                if (quote.source() == CostSource.NONE) {
                    continue;
                }
                priced++;
                BigDecimal sum = BigDecimal.ZERO;
                Map<Meter, Long> charged = new EnumMap<>(Meter.class);
                for (Quote.Item item : quote.items()) {
                    sum = sum.add(item.costUsd());
                    assertThat(item.costUsd().multiply(BigDecimal.valueOf(item.per())))
                            .isEqualByComparingTo(item.priceUsd().multiply(BigDecimal.valueOf(item.quantity())));
                    if (!item.meter().isUnit()) {
                        charged.merge(outermost(item.meter()), item.quantity(), Long::sum);
                    }
                }
                assertThat(sum).as("%s %s", List.of(model), meters).isEqualByComparingTo(quote.costUsd());
                charged.forEach((whole, quantity) -> assertThat(quantity)
                        .as("%s %s of %s", List.of(model), whole, meters)
                        .isEqualTo(meters.get(whole)));
            }
        }
        assertThat(priced).isGreaterThan(2000);
    }

    private static Meter outermost(Meter meter) {
        return meter.wholes().isEmpty() ? meter : outermost(meter.wholes().get(0));
    }

    @Test
    @DisplayName("a larger whole alone never costs less")
    void largerWhole() {
        List<String> wrong = new ArrayList<>();
        int compared = 0;
        for (Priced each : lists()) {
            for (String[] model : each.models()) {
                BigDecimal before = BigDecimal.ZERO;
                for (long input : new long[] {
                    1, 1000, 31_999, 32_000, 32_001, 127_999, 128_000, 128_001, 200_000, 200_001, 256_001, 272_000,
                    272_001, 512_001, 1_000_001
                }) {
                    Quote quote = each.list()
                            .quote(usage(model, "", Map.of(Meter.INPUT_TOKENS, input, Meter.OUTPUT_TOKENS, 700L)));
                    if (quote.costUsd() != null) {
                        compared++;
                        if (quote.costUsd().compareTo(before) < 0) {
                            wrong.add(model[0] + "/" + model[1] + " " + input);
                        }
                        before = quote.costUsd();
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(compared).isGreaterThan(20_000);
    }

    @Test
    @DisplayName("none of ten thousand randomly changed objects is priced if its counts were corrected")
    void mutated() {
        Random random = new Random(3);
        List<JsonObject> objects = Lists.objects("payloads.jsonl");
        PriceList list = Lists.genai(Lists.text("genai-prices.json"));
        int priced = 0;
        int refused = 0;
        for (int i = 0; i < 10_000; i++) {
            JsonObject each = objects.get(random.nextInt(objects.size()));
            String usage = changed(each.getJsonObject("usage").toString(), random);
            UsagePayload read = UsagePayload.read(each.getString("provider"), usage);
            TokenUsage tokens = read.tokens().forKind("chat");
            boolean cut = tokens.putRight(correction -> {}).doubts().contains(UsageDoubt.CONTRADICTORY);
            Map<Meter, Long> meters = new EnumMap<>(Meter.class);
            for (Meter meter : Meter.values()) {
                assertThat(tokens.quantity(meter)).as(usage).isNotNegative();
                meters.put(meter, tokens.quantity(meter));
                if (!meter.isUnit() && meters.get(meter) == Integer.MAX_VALUE) {
                    assertThat(cut).as(usage).isTrue();
                }
            }
            Quote quote = list.quote(new PricedUsage(
                    each.getString("provider"),
                    each.getString("model"),
                    "chat",
                    AT,
                    read.serviceTier(),
                    meters,
                    tokens.doubts(),
                    read.searchContextSize()));
            if (cut) {
                refused++;
                assertThat(quote.source()).as(usage).isEqualTo(CostSource.NONE);
            } else if (quote.costUsd() != null) {
                priced++;
                assertThat(quote.costUsd()).as(usage).isNotNegative();
            }
        }
        assertThat(priced).isGreaterThan(1000);
        assertThat(refused).isGreaterThan(300);
    }

    /** Changes a count, or a letter of a name. The text mostly stays JSON. */
    private static String changed(String usage, Random random) {
        List<String> values = List.of(
                "-1",
                "0",
                "1.5",
                "2147483648",
                "9223372036854775808",
                "1e30",
                "\"12\"",
                "null",
                "true",
                "[]",
                "{}",
                "7");
        String[] parts = usage.split("(?<=:)(?=-?[0-9])");
        StringBuilder text = new StringBuilder(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            String value = random.nextInt(4) == 0 ? values.get(random.nextInt(values.size())) : "";
            text.append(
                    value.isEmpty()
                            ? parts[i]
                            : value + parts[i].replaceFirst("^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?", ""));
        }
        if (random.nextInt(5) == 0) {
            text.setCharAt(random.nextInt(text.length()), "_}{\"x".charAt(random.nextInt(5)));
        }
        return text.toString();
    }

    @Test
    @DisplayName("unknown fields do not change a quote")
    void unknownFields() {
        PriceList list = Lists.genai(Lists.text("genai-prices.json"));
        for (JsonObject each : Lists.objects("payloads.jsonl")) {
            String usage = each.getJsonObject("usage").toString();
            String more = "{\"new\":{\"tokens_details\":[-1]},\"another_tokens\":7," + usage.substring(1);
            assertThat(quote(list, each, more)).isEqualTo(quote(list, each, usage));
        }
    }

    private static Quote quote(PriceList list, JsonObject each, String usage) {
        UsagePayload read = UsagePayload.read(each.getString("provider"), usage);
        Map<Meter, Long> meters = new EnumMap<>(Meter.class);
        for (Meter meter : Meter.values()) {
            meters.put(meter, read.tokens().quantity(meter));
        }
        return list.quote(new PricedUsage(
                each.getString("provider"),
                each.getString("model"),
                "chat",
                AT,
                read.serviceTier(),
                meters,
                read.tokens().doubts(),
                read.searchContextSize()));
    }

    /** Quantities whose parts do not exceed their wholes, some of them without joint counts. */
    private static Map<Meter, Long> used(Random random) {
        Map<Meter, Long> meters = new EnumMap<>(Meter.class);
        meters.put(Meter.INPUT_TOKENS, 1000L + random.nextInt(400_000));
        meters.put(Meter.OUTPUT_TOKENS, 1000L + random.nextInt(10_000));
        for (Meter meter : EnumSet.complementOf(EnumSet.of(Meter.INPUT_TOKENS, Meter.OUTPUT_TOKENS))) {
            if (random.nextInt(3) > 0) {
                continue;
            }
            long most = meter.wholes().stream()
                    .mapToLong(whole -> meters.getOrDefault(whole, 0L))
                    .min()
                    .orElse(20);
            meters.put(meter, most / (3 + random.nextInt(5)));
        }
        return meters;
    }

    private static PricedUsage usage(String[] model, String tier, Map<Meter, Long> meters) {
        return new PricedUsage(model[0], model[1], "chat", AT, tier, meters, Set.of(), "");
    }
}
