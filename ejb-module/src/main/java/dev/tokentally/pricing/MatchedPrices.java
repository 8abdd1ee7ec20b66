package dev.tokentally.pricing;

import dev.tokentally.llm.ProviderName;
import dev.tokentally.pricing.MatchRule.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** A list that finds its models by rules. The first rule that matches counts. Results are cached. */
final class MatchedPrices implements PriceBook {

    private static final String NOT_UNDERSTOOD = "an earlier rule of the list is not understood, or takes too long";

    /** The size of the cache. It is limited, since names come from outside and there may be any number of them. */
    private static final int REMEMBERED = 2000;

    private final String name;
    private final List<Provider> providers;
    private final int size;
    private final Map<String, Provider> byId = new HashMap<>();
    private final Map<List<String>, List<ModelPrices>> found = new ConcurrentHashMap<>();

    MatchedPrices(String name, List<Provider> providers) {
        this.name = name;
        this.providers = List.copyOf(providers);
        this.size = providers.stream()
                .mapToInt(provider -> provider.models().size())
                .sum();
        providers.forEach(provider -> byId.putIfAbsent(provider.id().toLowerCase(Locale.ROOT), provider));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean isDated() {
        return true;
    }

    @Override
    public List<ModelPrices> find(String provider, String model) {
        String asked = provider.strip().toLowerCase(Locale.ROOT);
        return remembered(List.of(asked, model), () -> search(asked, model));
    }

    @Override
    public List<ModelPrices> sellers(String model) {
        return remembered(List.of(model), () -> {
            List<ModelPrices> sellers = new ArrayList<>();
            providers.forEach(provider -> addFirst(provider, model, sellers));
            return List.copyOf(sellers);
        });
    }

    private List<ModelPrices> remembered(List<String> key, Supplier<List<ModelPrices>> search) {
        List<ModelPrices> known = found.get(key);
        if (known == null) {
            known = search.get();
            if (found.size() >= REMEMBERED) {
                found.clear();
            }
            found.put(key, known);
        }
        return known;
    }

    private List<ModelPrices> search(String asked, String model) {
        if (asked.isEmpty()) {
            return List.of();
        }
        List<String> spellings = ProviderName.spellings(asked);
        for (String spelling : spellings) {
            Provider provider = byId.get(spelling);
            if (provider != null) {
                return search(provider, model);
            }
        }
        for (String spelling : spellings) {
            for (Provider provider : providers) {
                Answer answer =
                        provider.match() == null ? Answer.NO : provider.match().matches(spelling);
                if (answer == Answer.YES) {
                    return search(provider, model);
                }
                if (answer == Answer.UNKNOWN) {
                    return List.of(ModelPrices.unusable(provider.id(), "", NOT_UNDERSTOOD));
                }
            }
        }
        return List.of();
    }

    private List<ModelPrices> search(Provider first, String model) {
        List<ModelPrices> models = new ArrayList<>(1);
        addWithFallbacks(first, model, models, new HashSet<>());
        return List.copyOf(models);
    }

    private void addWithFallbacks(Provider provider, String model, List<ModelPrices> models, Set<String> asked) {
        if (!asked.add(provider.id())) {
            return;
        }
        addFirst(provider, model, models);
        for (String fallback : provider.fallbacks()) {
            Provider next = byId.get(fallback.toLowerCase(Locale.ROOT));
            if (models.isEmpty() && next != null) {
                addWithFallbacks(next, model, models, asked);
            }
        }
    }

    private static void addFirst(Provider provider, String model, List<ModelPrices> models) {
        for (Model each : provider.models()) {
            Answer answer = each.match().matches(model);
            if (answer == Answer.YES) {
                models.add(each.prices());
                return;
            }
            if (answer == Answer.UNKNOWN) {
                models.add(ModelPrices.unusable(provider.id(), each.prices().model(), NOT_UNDERSTOOD));
                return;
            }
        }
    }

    /**
     * A provider in the list.
     *
     * @param id its name in the list
     * @param match the rule for its other names; null if there is none
     * @param fallbacks the ids of the providers whose prices are used for models that this one does not have
     * @param models its models, in the order in which their rules are tried
     */
    record Provider(String id, MatchRule match, List<String> fallbacks, List<Model> models) {}

    /**
     * A model in the list.
     *
     * @param match the rule for its names
     * @param prices its prices
     */
    record Model(MatchRule match, ModelPrices prices) {}
}
