package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import dev.tokentally.llm.UsageDoubt;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Lists of prices, and the questions of tests. */
final class Lists {

    static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    private Lists() {}

    static String text(String resource) {
        try (var in = Lists.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<JsonObject> objects(String resource) {
        return text(resource)
                .lines()
                .filter(line -> !line.isBlank())
                .map(Lists::object)
                .toList();
    }

    static JsonObject object(String json) {
        try (JsonReader reader = Json.createReader(new StringReader(json))) {
            return reader.readObject();
        }
    }

    /** A list without the shipped one. */
    static PriceList of(PriceBook book) {
        return new PriceList(book, PriceBook.EMPTY);
    }

    static PriceList csv(String text) {
        try {
            return of(CsvPrices.parse(text));
        } catch (PriceFileException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static PriceList liteLlm(String text) {
        try {
            return of(LiteLlmPrices.parse(text));
        } catch (PriceFileException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static PriceList genai(String text) {
        try {
            return of(GenaiPrices.parse(text));
        } catch (PriceFileException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Reads quantities from a text such as {@code input_tokens=1000 output_tokens=20}. */
    static Map<Meter, Long> meters(String text) {
        Map<Meter, Long> meters = new EnumMap<>(Meter.class);
        for (String each : text.isBlank() ? new String[0] : text.strip().split("\\s+")) {
            String[] meter = each.split("=");
            meters.put(Meter.ofLabel(meter[0]).orElseThrow(), Long.parseLong(meter[1].replace("_", "")));
        }
        return meters;
    }

    static PricedUsage usage(String provider, String model, String meters) {
        return new PricedUsage(provider, model, "chat", NOW, "", meters(meters), Set.of(), "");
    }

    static PricedUsage at(PricedUsage usage, Instant at) {
        return new PricedUsage(
                usage.provider(),
                usage.model(),
                usage.kind(),
                at,
                usage.serviceTier(),
                usage.quantities(),
                usage.doubts(),
                usage.searchContext());
    }

    static PricedUsage tier(PricedUsage usage, String tier) {
        return new PricedUsage(
                usage.provider(),
                usage.model(),
                usage.kind(),
                usage.at(),
                tier,
                usage.quantities(),
                usage.doubts(),
                usage.searchContext());
    }

    static PricedUsage kind(PricedUsage usage, String kind) {
        return new PricedUsage(
                usage.provider(),
                usage.model(),
                kind,
                usage.at(),
                usage.serviceTier(),
                usage.quantities(),
                usage.doubts(),
                usage.searchContext());
    }

    static PricedUsage doubt(PricedUsage usage, UsageDoubt doubt) {
        return new PricedUsage(
                usage.provider(),
                usage.model(),
                usage.kind(),
                usage.at(),
                usage.serviceTier(),
                usage.quantities(),
                Set.of(doubt),
                usage.searchContext());
    }

    /** The cost, or {@code none}. */
    static String cost(PriceList list, PricedUsage usage) {
        Quote quote = list.quote(usage);
        return quote.costUsd() == null
                ? "none"
                : quote.costUsd().stripTrailingZeros().toPlainString();
    }

    /** The cost and its source. */
    static String costAndSource(PriceList list, PricedUsage usage) {
        Quote quote = list.quote(usage);
        return cost(list, usage) + " " + quote.source().label();
    }
}
