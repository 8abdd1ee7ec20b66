package dev.tokentally.usage;

import java.util.Locale;

/** Who said what a call costs. */
public enum CostSource {
    /** The provider, or the adapter that called it. */
    PROVIDER,
    /** The price list, from what was used. */
    PRICE_LIST,
    /** The price list, which could not price everything: the bill may differ. */
    PARTIAL,
    /** Nobody. The provider may have billed the call, whose end is not known. The cost is recorded as 0. */
    MAYBE_BILLED,
    /** Nobody. The cost is not known and recorded as 0. */
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
     * The reverse of {@link #label()}. A newer release may write names that this one does not know; they become {@link
     * #NONE}.
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
