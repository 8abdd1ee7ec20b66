package dev.tokentally.pricing;

import dev.tokentally.llm.ProviderName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A list that finds its models by name. Its maps are filled once and then only read. */
final class NamedPrices implements PriceBook {

    private final String name;
    private final boolean dated;
    private final int size;
    private final Map<String, Map<String, List<ModelPrices>>> byProvider = new HashMap<>();
    private final Map<String, List<ModelPrices>> byModel = new HashMap<>();
    private final Map<String, List<ModelPrices>> ofNobody = new HashMap<>();

    NamedPrices(String name, boolean dated, List<Named> entries) {
        this.name = name;
        this.dated = dated;
        this.size = entries.size();
        for (Named entry : entries) {
            for (String each : entry.names()) {
                Map<String, List<ModelPrices>> ofProvider = entry.provider() == null
                        ? ofNobody
                        : byProvider.computeIfAbsent(entry.provider(), provider -> new HashMap<>());
                ofProvider.computeIfAbsent(each, none -> new ArrayList<>(1)).add(entry.prices());
                byModel.computeIfAbsent(each, none -> new ArrayList<>(1)).add(entry.prices());
            }
        }
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
        return dated;
    }

    @Override
    public List<ModelPrices> find(String provider, String model) {
        List<ModelPrices> found =
                byProvider.getOrDefault(ProviderName.of(provider), Map.of()).get(model);
        return found != null ? found : ofNobody.getOrDefault(model, List.of());
    }

    @Override
    public List<ModelPrices> sellers(String model) {
        return byModel.getOrDefault(model, List.of());
    }

    /**
     * An entry with its names.
     *
     * @param provider the provider, in the spelling of {@link ProviderName}; null if it is not known, so that the entry
     *     may be for any provider
     * @param names the model's names, in the spelling of {@link ModelName}
     * @param prices the entry
     */
    record Named(String provider, List<String> names, ModelPrices prices) {}
}
