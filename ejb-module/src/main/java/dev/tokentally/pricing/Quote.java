package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import dev.tokentally.usage.CostSource;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * What the price list makes of a usage, and why.
 *
 * @param costUsd the sum of the items in US dollars, exact; null for {@link CostSource#NONE}
 * @param source {@link CostSource#PRICE_LIST}, {@link CostSource#PARTIAL} or {@link CostSource#NONE}
 * @param items what it is made of; empty for {@link CostSource#NONE}
 * @param price where the prices are from; null for {@link CostSource#NONE}
 * @param notes why a step was not taken, and in which direction the bill may differ
 */
public record Quote(BigDecimal costUsd, CostSource source, List<Item> items, Origin price, List<String> notes) {

    /** Takes copies. */
    public Quote {
        items = List.copyOf(items);
        notes = List.copyOf(notes);
    }

    static Quote none(List<String> notes) {
        return new Quote(null, CostSource.NONE, List.of(), null, notes);
    }

    /**
     * One line of the bill.
     *
     * @param meter what was used
     * @param quantity how much at this price, without the parts that have prices of their own
     * @param priceUsd US dollars for {@code per} of it
     * @param per a million, a thousand or one
     * @param costUsd US dollars, exact
     */
    public record Item(Meter meter, long quantity, BigDecimal priceUsd, int per, BigDecimal costUsd) {

        static Item of(Meter meter, long quantity, BigDecimal price, int per) {
            // By the powers of ten that it is: a division costs more than all the rest of a price.
            int zeros = per == 1 ? 0 : per == 1_000 ? 3 : 6;
            BigDecimal cost = price.multiply(BigDecimal.valueOf(quantity)).scaleByPowerOfTen(-zeros);
            return new Item(meter, quantity, plain(price), per, plain(cost));
        }

        private static BigDecimal plain(BigDecimal number) {
            BigDecimal stripped = number.stripTrailingZeros();
            return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
        }

        /** Whether it asks the same, be it for a thousand or for one. */
        boolean asksTheSame(Item other) {
            return meter == other.meter && quantity == other.quantity && costUsd.equals(other.costUsd);
        }
    }

    /**
     * Where prices are from.
     *
     * @param list which list
     * @param provider who sells, as the list says
     * @param model what the list calls the model
     * @param from since when they hold; null where the list does not tell
     */
    public record Origin(String list, String provider, String model, Instant from) {}
}
