package dev.tokentally.pricing;

import dev.tokentally.llm.ProviderName;
import dev.tokentally.pricing.NamedPrices.Named;
import dev.tokentally.pricing.PriceNumber.UnusableException;
import dev.tokentally.text.QuietLog;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParserFactory;
import java.io.StringReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads LiteLLM's unchanged {@code model_prices_and_context_window.json}. Thousands of people edit that file. So an odd
 * entry is logged and has no price, but does not stop the deployment.
 */
final class LiteLlmPrices {

    private static final Logger LOG = QuietLog.of(LiteLlmPrices.class);

    private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

    static final String NAME = "LiteLLM's list";

    /** This entry explains the fields: it has texts in the place of numbers. */
    private static final String SAMPLE = "sample_spec";

    private static final String UNUSABLE_SECOND = "have a second key of the same model that cannot be used";

    private final List<Named> entries = new ArrayList<>();
    private final UnusableEntries leftOut = new UnusableEntries();

    /** The keys that have a second key of the same model with other prices. */
    private final Set<String> pairs = new LinkedHashSet<>();

    private int usable;

    private LiteLlmPrices() {}

    static PriceBook parse(String text) throws PriceFileException {
        LiteLlmPrices prices = new LiteLlmPrices();
        prices.read(text);
        prices.countPairs();
        prices.leftOut.tell(NAME);
        prices.tellPairs();
        return new NamedPrices(NAME, false, prices.entries);
    }

    private void read(String text) throws PriceFileException {
        try (JsonParser json = PARSERS.createParser(new StringReader(text))) {
            json.next();
            while (json.next() == Event.KEY_NAME) {
                String key = json.getString();
                JsonValue value = ListValue.read(json, json.next());
                if (!key.equals(SAMPLE)) {
                    add(key, value);
                }
            }
            // This call makes the parser refuse everything but blanks after the object.
            json.hasNext();
        } catch (RuntimeException e) {
            // When its own limits are exceeded, the parser throws exceptions other than JsonException.
            throw new PriceFileException("it is not readable JSON: " + PriceText.shown(String.valueOf(e.getMessage())));
        } catch (StackOverflowError e) {
            throw new PriceFileException("it is not readable JSON: it is nested too deeply");
        }
        if (usable == 0) {
            throw new PriceFileException("it is JSON, but not LiteLLM's: no entry has a price for tokens");
        }
    }

    private void add(String key, JsonValue value) {
        String spelled = "";
        String provider = null;
        ModelPrices prices;
        try {
            if (!(value instanceof JsonObject entry)) {
                throw new UnusableException("are no objects");
            }
            spelled = text(entry, "litellm_provider");
            provider = ProviderName.of(spelled);
            String kind = LiteLlmEntry.kind(text(entry, "mode"));
            PricePeriod period = LiteLlmEntry.prices(entry, key.endsWith(":free"));
            prices = new ModelPrices(provider, key, kind, null, List.of(period));
            usable++;
        } catch (UnusableException e) {
            leftOut.add(key, e.getMessage());
            prices = ModelPrices.unusable(
                    provider == null ? "" : provider,
                    key,
                    "the entry is one of those that cannot be used, since they " + e.getMessage());
        }
        entries.add(new Named(provider, List.copyOf(names(key, spelled, provider)), prices));
    }

    /**
     * Counts the keys that are the same model of the same provider and have different prices. They stay in the list: a call
     * for which all of them ask the same has a price, and any other call has none. If one of them cannot be used, no call has one.
     */
    private void countPairs() {
        Map<List<String>, List<ModelPrices>> sameModel = new LinkedHashMap<>();
        for (Named entry : entries) {
            for (String name : entry.provider() == null ? List.<String>of() : entry.names()) {
                sameModel
                        .computeIfAbsent(List.of(entry.provider(), name), none -> new ArrayList<>(1))
                        .add(entry.prices());
            }
        }
        Set<String> withUnusable = new LinkedHashSet<>();
        for (List<ModelPrices> same : sameModel.values()) {
            List<ModelPrices> priced =
                    same.stream().filter(each -> each.fault() == null).toList();
            boolean differ = priced.stream()
                            .map(each -> List.of(each.kind(), each.periods()))
                            .distinct()
                            .count()
                    > 1;
            if (priced.size() < same.size()) {
                priced.forEach(each -> withUnusable.add(each.model()));
            } else if (differ) {
                priced.forEach(each -> pairs.add(each.model()));
            }
        }
        withUnusable.forEach(key -> leftOut.add(key, UNUSABLE_SECOND));
        pairs.removeAll(withUnusable);
    }

    private void tellPairs() {
        if (!pairs.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    pairs.size() + " keys of " + NAME
                            + " have a second key of the same model with other prices, and a call has no price if they differ for"
                            + " what it used: " + UnusableEntries.some(pairs));
        }
    }

    private static String text(JsonObject entry, String field) throws UnusableException {
        JsonValue value = entry.getOrDefault(field, JsonValue.NULL);
        if (value == JsonValue.NULL) {
            return "";
        }
        if (value instanceof JsonString text) {
            return text.getString();
        }
        throw new UnusableException("have a " + field + " that is no text");
    }

    /**
     * The names of a model. A key such as azure/gpt-4o or vertex_ai/gemini-2.5-pro begins with a spelling of the
     * provider, so the rest is a name too.
     */
    private static Set<String> names(String key, String spelled, String provider) {
        Set<String> names = new LinkedHashSet<>();
        names.add(ModelName.of(key));
        int slash = key.indexOf('/');
        if (slash >= 0 && provider != null) {
            String first = key.substring(0, slash);
            boolean isProvider = first.toLowerCase(Locale.ROOT).equals(spelled.toLowerCase(Locale.ROOT))
                    || !provider.isEmpty() && ProviderName.of(first).equals(provider);
            if (isProvider) {
                names.add(ModelName.of(key.substring(slash + 1)));
            }
        }
        return names;
    }
}
