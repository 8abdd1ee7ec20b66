package dev.tokentally.pricing;

import java.util.List;

/** A list of prices in memory. Safe for use by many threads. */
interface PriceBook {

    /** An empty list. */
    PriceBook EMPTY = new NamedPrices("nothing", true, List.of());

    /** Its name in quotes. */
    String name();

    /** How many models it has. */
    int size();

    /** Whether it says since when its prices hold. */
    boolean isDated();

    /**
     * Finds the prices of a provider's model.
     *
     * @param provider the provider, as the call names it
     * @param model the model, in the spelling of {@link ModelName}
     * @return the entries: several if the list has the model more than once, none if it does not have it
     */
    List<ModelPrices> find(String provider, String model);

    /**
     * Finds the prices of a model at all providers.
     *
     * @param model the model, in the spelling of {@link ModelName}
     * @return the entries of all providers
     */
    List<ModelPrices> sellers(String model);
}
