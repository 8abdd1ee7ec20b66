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
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Combines the lines of our own format into models. A model has one line for each combination of time, prompt length
 * and tier.
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
        Map<Time, List<CsvLine>> times = new LinkedHashMap<>();
        for (CsvLine line : lines) {
            names.addAll(line.aliases());
            times.computeIfAbsent(new Time(line.from(), line.hours()), none -> new ArrayList<>())
                    .add(line);
        }
        List<PricePeriod> periods = times.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(EARLIEST_FIRST))
                .map(time ->
                        new PricePeriod(time.getKey().from(), time.getKey().hours(), null, sheets(time.getValue())))
                .toList();
        CsvLine first = lines.get(0);
        return new Named(
                first.provider(),
                List.copyOf(names),
                new ModelPrices(first.provider(), first.model(), first.kind(), null, periods));
    }

    /** The prices by prompt length. A tier may change its prices at other lengths than the standard tier. */
    private static NavigableMap<Long, PriceSheet> sheets(List<CsvLine> lines) {
        Map<String, NavigableMap<Long, Map<Meter, MeterPrice>>> byTier = new HashMap<>();
        NavigableSet<Long> lengths = new TreeSet<>();
        for (CsvLine line : lines) {
            lengths.add(line.upToInput());
            byTier.computeIfAbsent(line.tier(), none -> new TreeMap<>()).put(line.upToInput(), prices(line));
        }
        NavigableMap<Long, Map<Meter, MeterPrice>> standard = byTier.getOrDefault("", new TreeMap<>());
        byTier.remove("");
        NavigableMap<Long, PriceSheet> sheets = new TreeMap<>();
        for (long length : lengths) {
            Map<String, Map<Meter, MeterPrice>> tiers = new HashMap<>();
            byTier.forEach((tier, prices) -> {
                if (prices.ceilingKey(length) != null) {
                    tiers.put(tier, prices.ceilingEntry(length).getValue());
                }
            });
            Map<Meter, MeterPrice> usual = standard.ceilingKey(length) == null
                    ? Map.of()
                    : standard.ceilingEntry(length).getValue();
            sheets.put(length, new PriceSheet(usual, tiers, Map.of()));
        }
        return sheets;
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
