package dev.tokentally.pricing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All prices, ready to be found: maps that are made once and then only read, so safe for use by many threads. */
final class PriceTable {

    /** By provider, then by any name of a model. */
    private final Map<String, Map<String, PriceHistory>> byProvider;

    /** By any name of a model: one for each provider that sells it. */
    private final Map<String, List<PriceHistory>> byModel = new HashMap<>();

    private PriceTable(Map<String, Map<String, PriceHistory>> byProvider) {
        this.byProvider = byProvider;
        byProvider
                .values()
                .forEach(models -> models.forEach((name, history) ->
                        byModel.computeIfAbsent(name, all -> new ArrayList<>()).add(history)));
    }

    /**
     * Puts a list together with one that adds to it. A model that both have, by its name or by an alias, has all its prices
     * from the second.
     */
    static PriceTable of(List<PriceEntry> first, List<PriceEntry> second) {
        Layer below = new Layer(first);
        Layer above = new Layer(second);
        Map<String, Map<String, PriceHistory>> models = new HashMap<>();
        below.models.forEach((provider, ofProvider) -> models.put(provider, new HashMap<>(ofProvider)));
        above.models.forEach((provider, ofProvider) ->
                models.computeIfAbsent(provider, none -> new HashMap<>()).putAll(ofProvider));
        // After the models, so that an alias of the first means what the second says of its model.
        Map<String, Map<String, PriceHistory>> names = new HashMap<>();
        models.forEach((provider, ofProvider) -> names.put(provider, new HashMap<>(ofProvider)));
        below.aliases.forEach((provider, aliases) -> aliases.forEach((alias, model) ->
                names.get(provider).putIfAbsent(alias, models.get(provider).get(model))));
        above.aliases.forEach((provider, aliases) -> aliases.forEach((alias, model) ->
                names.get(provider).put(alias, models.get(provider).get(model))));
        return new PriceTable(names);
    }

    /**
     * The price of a call, by the provider's name for the model, by that without its date, then the same by the model
     * alone.
     *
     * @return null where there is none, or where providers ask different prices and it is not known which one it was
     */
    Price find(String provider, String model, Instant startedAt, int inputTokens) {
        String name = ModelName.of(model);
        String undated = ModelName.undated(name);
        Map<String, PriceHistory> ofProvider = byProvider.getOrDefault(ProviderName.of(provider), Map.of());
        PriceHistory history = ofProvider.get(name);
        if (history == null) {
            history = ofProvider.get(undated);
        }
        if (history != null) {
            return history.at(startedAt, inputTokens);
        }
        List<PriceHistory> ofAny = byModel.get(name);
        if (ofAny == null) {
            ofAny = byModel.getOrDefault(undated, List.of());
        }
        return agreed(ofAny, startedAt, inputTokens);
    }

    private static Price agreed(List<PriceHistory> histories, Instant startedAt, int inputTokens) {
        Price agreed = null;
        for (PriceHistory history : histories) {
            Price price = history.at(startedAt, inputTokens);
            if (agreed != null && price != null && !agreed.equals(price)) {
                return null;
            }
            agreed = price == null ? agreed : price;
        }
        return agreed;
    }

    /** A list by provider and model. */
    private static final class Layer {

        private final Map<String, Map<String, PriceHistory>> models = new HashMap<>();
        private final Map<String, Map<String, String>> aliases = new HashMap<>();

        Layer(List<PriceEntry> entries) {
            for (PriceEntry entry : entries) {
                models.computeIfAbsent(entry.provider(), provider -> new HashMap<>())
                        .computeIfAbsent(entry.model(), model -> new PriceHistory())
                        .add(entry);
                Map<String, String> ofProvider = aliases.computeIfAbsent(entry.provider(), provider -> new HashMap<>());
                entry.aliases().forEach(alias -> ofProvider.put(alias, entry.model()));
            }
        }
    }
}
