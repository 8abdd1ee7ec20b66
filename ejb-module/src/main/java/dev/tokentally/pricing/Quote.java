package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import dev.tokentally.usage.CostSource;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * The cost of a usage by the price list, and how it comes about.
 *
 * @param costUsd the sum of the items in US dollars, exact; null for {@link CostSource#NONE}
 * @param source {@link CostSource#PRICE_LIST}, {@link CostSource#PARTIAL} or {@link CostSource#NONE}
 * @param items the items of the bill; empty for {@link CostSource#NONE}
 * @param price where the prices come from; null for {@link CostSource#NONE}
 * @param pricedUpTo the longest prompt, in tokens, for which the list has a price, if it has none because this prompt is
 *     longer; otherwise 0
 * @param notes why a step of the search found no price, and whether the real bill may be higher, lower or just
 *     different
 */
public record Quote(
        BigDecimal costUsd, CostSource source, List<Item> items, Origin price, long pricedUpTo, List<String> notes) {

    /** Copies the lists. */
    public Quote {
        items = List.copyOf(items);
        notes = List.copyOf(notes);
    }

    static Quote none(List<String> notes) {
        return none(0, notes);
    }

    static Quote none(long pricedUpTo, List<String> notes) {
        return new Quote(null, CostSource.NONE, List.of(), null, pricedUpTo, notes);
    }

    /**
     * One line of the bill.
     *
     * @param meter the meter
     * @param quantity how much at this price, without the parts that have prices of their own
     * @param priceUsd US dollars for {@code per} of it
     * @param per how many the price is for: a million, a thousand or one
     * @param costUsd US dollars, exact
     */
    public record Item(Meter meter, long quantity, BigDecimal priceUsd, int per, BigDecimal costUsd) {

        static Item of(Meter meter, long quantity, BigDecimal price, int per) {
            // Moving the decimal point is enough. A division would take longer than everything else in pricing.
            int zeros = per == 1 ? 0 : per == 1_000 ? 3 : 6;
            BigDecimal cost = price.multiply(BigDecimal.valueOf(quantity)).scaleByPowerOfTen(-zeros);
            return new Item(meter, quantity, plain(price), per, plain(cost));
        }

        private static BigDecimal plain(BigDecimal number) {
            BigDecimal stripped = number.stripTrailingZeros();
            return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
        }

        /** Whether both items cost the same, though one price may be for a thousand and the other for one. */
        boolean asksTheSame(Item other) {
            return meter == other.meter && quantity == other.quantity && costUsd.equals(other.costUsd);
        }
    }

    /**
     * Where prices come from.
     *
     * @param list the name of the list
     * @param provider the provider, as the list names it
     * @param model the model, as the list names it
     * @param from since when they hold; null if the list does not say it
     */
    public record Origin(String list, String provider, String model, Instant from) {}
}
