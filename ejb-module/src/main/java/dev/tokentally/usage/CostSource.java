package dev.tokentally.usage;

import java.util.Locale;

/** Who said what a call costs. */
public enum CostSource {
    /** The provider, or the adapter that called it. */
    PROVIDER,
    /** The price list, from what was used. */
    PRICE_LIST,
    /** The price list, from what it could price: the bill may differ. */
    PARTIAL,
    /** Nobody, but the provider may have billed a call of which no end was told: the cost is 0. */
    MAYBE_BILLED,
    /** Nobody: the cost is 0 because it is not known. */
    NONE;

    /**
     * The name under which it is stored and reported.
     *
     * @return {@code provider}, {@code price-list}, {@code partial}, {@code maybe-billed} or {@code none}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The reverse of {@link #label()}. What no source is called, as a newer release may write it, is {@link #NONE}.
     *
     * @param label a stored name; may be null
     * @return the source
     */
    public static CostSource ofLabel(String label) {
        for (CostSource source : values()) {
            if (source.label().equals(label)) {
                return source;
            }
        }
        return NONE;
    }
}
