package dev.tokentally.pricing;

import java.util.List;

/** A list of prices that was read. Safe for use by many threads. */
interface PriceBook {

    /** A list with nothing in it. */
    PriceBook EMPTY = new NamedPrices("nothing", true, List.of());

    /** What it is called in a quote. */
    String name();

    /** How many models it knows. */
    int size();

    /** Whether it says when its prices began. */
    boolean isDated();

    /**
     * What it knows of a provider's model.
     *
     * @param provider as the call names it
     * @param model in the spelling of {@link ModelName}
     * @return the entries, several where the list names the model more than once; empty where it does not know it
     */
    List<ModelPrices> find(String provider, String model);

    /**
     * Who sells a model.
     *
     * @param model in the spelling of {@link ModelName}
     * @return the entries of all providers
     */
    List<ModelPrices> sellers(String model);
}
