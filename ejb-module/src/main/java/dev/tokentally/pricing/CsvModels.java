package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import dev.tokentally.pricing.NamedPrices.Named;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Combines the lines of our own format into models. A model has one line for each combination of time, prompt length
 * and tier. A line holds until a later one for the same tier allows the prompt too.
 */
final class CsvModels {

    /**
     * The earliest time comes first. At the same time, the price for all other hours comes before the prices for named
     * hours, since the last one that holds counts.
     */
    private static final Comparator<Time> EARLIEST_FIRST =
            Comparator.comparing(Time::from).thenComparing(time -> time.hours() != null);

    private CsvModels() {}

    static List<Named> of(List<CsvLine> lines) {
        Map<List<String>, List<CsvLine>> models = new LinkedHashMap<>();
        for (CsvLine line : lines) {
            models.computeIfAbsent(List.of(line.provider(), line.model()), none -> new ArrayList<>())
                    .add(line);
        }
        List<Named> all = new ArrayList<>();
        models.values().forEach(ofModel -> all.add(model(ofModel)));
        return all;
    }

    private static Named model(List<CsvLine> lines) {
        Set<String> names = new LinkedHashSet<>();
        names.add(lines.get(0).model());
        Map<String, List<CsvLine>> byTier = new HashMap<>();
        for (CsvLine line : lines) {
            names.addAll(line.aliases());
            byTier.computeIfAbsent(line.tier(), none -> new ArrayList<>()).add(line);
        }
        List<CsvLine> standard = byTier.getOrDefault("", List.of());
        byTier.remove("");
        Map<String, List<PricePeriod>> tiers = new HashMap<>();
        byTier.forEach((tier, ofTier) -> tiers.put(tier, periods(ofTier)));
        CsvLine first = lines.get(0);
        return new Named(
                first.provider(),
                List.copyOf(names),
                new ModelPrices(first.provider(), first.model(), first.kind(), null, periods(standard), tiers));
    }

    /** The prices of one tier, by time and then by prompt length. */
    private static List<PricePeriod> periods(List<CsvLine> lines) {
        Map<Time, NavigableMap<Long, PriceSheet>> times = new LinkedHashMap<>();
        for (CsvLine line : lines) {
            times.computeIfAbsent(new Time(line.from(), line.hours()), none -> new TreeMap<>())
                    .put(line.upToInput(), PriceSheet.of(prices(line)));
        }
        return times.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(EARLIEST_FIRST))
                .map(time -> new PricePeriod(time.getKey().from(), time.getKey().hours(), null, time.getValue()))
                .toList();
    }

    private static Map<Meter, MeterPrice> prices(CsvLine line) {
        Map<Meter, MeterPrice> prices = new EnumMap<>(Meter.class);
        for (Map.Entry<Meter, BigDecimal> price : line.prices().entrySet()) {
            int per = price.getKey().isUnit() ? MeterPrice.THOUSAND : MeterPrice.MILLION;
            prices.put(price.getKey(), new MeterPrice(price.getValue(), new TreeMap<>(), per));
        }
        return prices;
    }

    private record Time(Instant from, Hours hours) {}
}
