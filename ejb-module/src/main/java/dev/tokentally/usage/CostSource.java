package dev.tokentally.usage;

import java.util.Locale;

/** Who said what a call costs. */
public enum CostSource {
    /** The provider, or the adapter that called it. */
    PROVIDER,
    /** The price list, from the tokens. */
    PRICE_LIST,
    /** Nobody: the cost is 0 because it is not known. */
    NONE;

    /**
     * The name under which it is stored and reported.
     *
     * @return {@code provider}, {@code price-list} or {@code none}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The reverse of {@link #label()}.
     *
     * @param label a stored name
     * @return the source
     * @throws IllegalArgumentException when no source is called so
     */
    public static CostSource ofLabel(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
