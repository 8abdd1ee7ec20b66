package dev.tokentally.pricing;

import dev.tokentally.pricing.MatchedPrices.Model;
import dev.tokentally.pricing.MatchedPrices.Provider;
import dev.tokentally.pricing.PriceNumber.UnusableException;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParserFactory;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads the unchanged JSON of genai-prices, version 2: a list of providers with rules that say which names belong to
 * which provider and model.
 */
final class GenaiPrices {

    static final String NAME = "genai-prices' list";

    private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

    private final List<Provider> providers = new ArrayList<>();
    private final UnusableEntries leftOut = new UnusableEntries();
    private int usable;

    private GenaiPrices() {}

    static PriceBook parse(String text) throws PriceFileException {
        GenaiPrices prices = new GenaiPrices();
        prices.read(text);
        prices.leftOut.tell(NAME);
        return new MatchedPrices(NAME, prices.providers);
    }

    private void read(String text) throws PriceFileException {
        try (JsonParser json = PARSERS.createParser(new StringReader(text))) {
            json.next();
            for (Event next = json.next(); next != Event.END_ARRAY; next = json.next()) {
                addProvider(ListValue.read(json, next));
            }
            // This call makes the parser refuse everything but blanks after the list.
            json.hasNext();
        } catch (RuntimeException e) {
            // When its own limits are exceeded, the parser throws exceptions other than JsonException.
            throw new PriceFileException("it is not readable JSON: " + PriceText.shown(String.valueOf(e.getMessage())));
        } catch (StackOverflowError e) {
            throw new PriceFileException("it is not readable JSON: it is nested too deeply");
        }
        if (usable == 0) {
            throw new PriceFileException("it is JSON, but not genai-prices': no model has a price");
        }
        tellOfFallbacks();
    }

    private void tellOfFallbacks() {
        Set<String> ids = new HashSet<>();
        providers.forEach(provider -> ids.add(provider.id().toLowerCase(Locale.ROOT)));
        for (Provider provider : providers) {
            for (String fallback : provider.fallbacks()) {
                if (!ids.contains(fallback.toLowerCase(Locale.ROOT))) {
                    leftOut.add(provider.id(), "have a fallback provider that is not in the list");
                }
            }
        }
    }

    private void addProvider(JsonValue value) {
        if (!(value instanceof JsonObject provider) || !(provider.get("id") instanceof JsonString id)) {
            leftOut.add("provider " + (providers.size() + 1), "are no providers with an id");
            return;
        }
        MatchRule match = null;
        JsonValue rule = provider.getOrDefault("provider_match", JsonValue.NULL);
        if (rule != JsonValue.NULL) {
            match = MatchRule.of(rule);
            tellIfNotUnderstood(match, id.getString());
        }
        List<Model> models = new ArrayList<>();
        if (provider.get("models") instanceof JsonArray all) {
            all.forEach(model -> models.add(model(id.getString(), model)));
        } else {
            leftOut.add(id.getString(), "have no list of models");
            models.add(new Model(
                    MatchRule.NOT_UNDERSTOOD,
                    ModelPrices.unusable(id.getString(), "", "the provider has no list of models")));
        }
        providers.add(new Provider(id.getString(), match, fallbacks(id.getString(), provider), models));
    }

    private void tellIfNotUnderstood(MatchRule match, String of) {
        // Only a rule that cannot be understood at all is reported. If just a part of a rule cannot be understood, that
        // matters only for the names that reach this part.
        if (match == MatchRule.NOT_UNDERSTOOD) {
            leftOut.add(of, "have a rule for names that is not understood");
        }
    }

    private List<String> fallbacks(String provider, JsonObject entry) {
        List<String> fallbacks = new ArrayList<>();
        JsonValue value = entry.getOrDefault("fallback_model_providers", JsonValue.NULL);
        if (value instanceof JsonArray ids && ids.stream().allMatch(JsonString.class::isInstance)) {
            ids.forEach(id -> fallbacks.add(((JsonString) id).getString()));
        } else if (value != JsonValue.NULL) {
            leftOut.add(provider, "have fallback providers that are no list of ids");
        }
        return fallbacks;
    }

    private Model model(String provider, JsonValue value) {
        if (!(value instanceof JsonObject model) || !(model.get("id") instanceof JsonString id)) {
            leftOut.add("a model of " + provider, "are no models with an id");
            return new Model(MatchRule.NOT_UNDERSTOOD, ModelPrices.unusable(provider, "", "it is no model with an id"));
        }
        String name = id.getString();
        JsonValue rule = model.getOrDefault("match", JsonValue.NULL);
        MatchRule match = rule == JsonValue.NULL ? MatchRule.equalTo(name) : MatchRule.of(rule);
        tellIfNotUnderstood(match, provider + "/" + name);
        try {
            List<PricePeriod> periods =
                    GenaiModel.periods(model.getOrDefault("prices", JsonValue.NULL), name.endsWith(":free"));
            for (PricePeriod period : periods) {
                if (period.notUnderstood() != null) {
                    leftOut.add(provider + "/" + name, "have a condition that is not understood");
                }
            }
            usable++;
            return new Model(match, new ModelPrices(provider, name, "", null, periods));
        } catch (UnusableException e) {
            leftOut.add(provider + "/" + name, e.getMessage());
            return new Model(
                    match,
                    ModelPrices.unusable(
                            provider,
                            name,
                            "the entry is one of those that cannot be used, since they " + e.getMessage()));
        }
    }
}
