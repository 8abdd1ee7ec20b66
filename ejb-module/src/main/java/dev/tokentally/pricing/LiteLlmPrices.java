package dev.tokentally.pricing;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParserFactory;
import java.io.StringReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads LiteLLM's {@code model_prices_and_context_window.json} as it is. Thousands of people edit it, so an odd entry is
 * left out and told of, instead of stopping whoever took the file over.
 */
final class LiteLlmPrices {

    private static final Logger LOG = System.getLogger(LiteLlmPrices.class.getName());

    private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

    /** Says what fields mean, with texts where numbers would be. */
    private static final String SAMPLE = "sample_spec";

    private static final String INPUT = "input_cost_per_token";
    private static final String OUTPUT = "output_cost_per_token";
    private static final String CACHED_INPUT = "cache_read_input_token_cost";
    private static final String CACHE_WRITE = "cache_creation_input_token_cost";
    private static final String REASONING = "output_cost_per_reasoning_token";

    /** Prices for long prompts: {@code input_cost_per_token_above_200k_tokens}. */
    private static final String ABOVE = "_above_";

    private static final String THOUSAND_TOKENS = "k_tokens";

    private static final Pattern ABOVE_LIMIT =
            Pattern.compile("(?:" + INPUT + "|" + OUTPUT + ")" + ABOVE + "([1-9][0-9]{0,5})" + THOUSAND_TOKENS);

    private static final int THOUSAND = 1000;

    private static final int MILLION = 6;
    private static final int ODD_SHOWN = 5;

    private final List<PriceEntry> entries = new ArrayList<>();
    private final Map<List<Object>, Price> taken = new HashMap<>();
    private final List<String> odd = new ArrayList<>();
    private int withoutTokenPrice;

    private LiteLlmPrices() {}

    static List<PriceEntry> parse(String text) throws PriceFileException {
        LiteLlmPrices prices = new LiteLlmPrices();
        prices.read(text);
        prices.tell();
        return prices.entries;
    }

    private void read(String text) throws PriceFileException {
        try (JsonParser json = PARSERS.createParser(new StringReader(text))) {
            json.next();
            while (json.next() == Event.KEY_NAME) {
                String key = json.getString();
                json.next();
                JsonValue value = json.getValue();
                if (!key.equals(SAMPLE)) {
                    add(key, value);
                }
            }
            // Asked for what follows the object, the parser refuses anything but blanks.
            json.hasNext();
        } catch (JsonException | NoSuchElementException | NumberFormatException | UnsupportedOperationException e) {
            throw new PriceFileException(
                    "it is no JSON that can be read: " + PriceText.shown(String.valueOf(e.getMessage())));
        }
        if (entries.isEmpty()) {
            throw new PriceFileException("it is JSON, but not LiteLLM's: no entry has a price for tokens");
        }
    }

    private void add(String key, JsonValue value) {
        try {
            JsonObject entry = object(value);
            String spelled = text(entry, "litellm_provider");
            String provider = ProviderName.of(spelled);
            String model = ModelName.of(withoutProvider(key, spelled, provider));
            if (!entry.containsKey(INPUT) || !entry.containsKey(OUTPUT)) {
                withoutTokenPrice++;
                return;
            }
            List<PriceEntry> tiers = tiers(provider, model, entry);
            for (PriceEntry tier : tiers) {
                Price before = taken.get(List.of(provider, model, tier.upToInput()));
                if (before != null && !before.equals(tier.price())) {
                    throw new OddEntryException("another entry has other prices for the same model");
                }
            }
            for (PriceEntry tier : tiers) {
                if (taken.put(List.of(provider, model, tier.upToInput()), tier.price()) == null) {
                    entries.add(tier);
                }
            }
        } catch (OddEntryException e) {
            odd.add(PriceText.shown(key) + " (" + e.getMessage() + ")");
        }
    }

    private static JsonObject object(JsonValue value) throws OddEntryException {
        if (value instanceof JsonObject entry) {
            return entry;
        }
        throw new OddEntryException("is no object");
    }

    private static String text(JsonObject entry, String field) throws OddEntryException {
        JsonValue value = entry.getOrDefault(field, JsonValue.NULL);
        if (value == JsonValue.NULL) {
            return "";
        }
        if (value instanceof JsonString text) {
            return text.getString();
        }
        throw new OddEntryException(field + " is no text");
    }

    /** A key such as azure/gpt-4o or vertex_ai/gemini-2.5-pro begins with the provider, in one of its spellings. */
    private static String withoutProvider(String key, String spelled, String provider) {
        int slash = key.indexOf('/');
        if (slash < 0) {
            return key;
        }
        String first = key.substring(0, slash);
        boolean isProvider = first.toLowerCase(Locale.ROOT).equals(spelled.toLowerCase(Locale.ROOT))
                || !provider.isEmpty() && ProviderName.of(first).equals(provider);
        return isProvider ? key.substring(slash + 1) : key;
    }

    private static List<PriceEntry> tiers(String provider, String model, JsonObject entry) throws OddEntryException {
        NavigableSet<Integer> limits = limits(entry);
        List<PriceEntry> tiers = new ArrayList<>();
        Price price = price(entry, "", null);
        for (int limit : limits) {
            tiers.add(new PriceEntry(provider, model, List.of(), PriceEntry.ALWAYS, limit, price));
            price = price(entry, ABOVE + limit / THOUSAND + THOUSAND_TOKENS, price);
        }
        tiers.add(new PriceEntry(provider, model, List.of(), PriceEntry.ALWAYS, PriceEntry.ANY_INPUT, price));
        return tiers;
    }

    private static NavigableSet<Integer> limits(JsonObject entry) {
        NavigableSet<Integer> limits = new TreeSet<>();
        for (String field : entry.keySet()) {
            Matcher above = ABOVE_LIMIT.matcher(field);
            if (above.matches()) {
                limits.add(THOUSAND * Integer.parseInt(above.group(1)));
            }
        }
        return limits;
    }

    /**
     * The prices whose fields end so. Where a whole has none, as for an output that costs the same after any prompt, it is
     * that of shorter prompts, and so are its parts.
     */
    private static Price price(JsonObject entry, String ending, Price otherwise) throws OddEntryException {
        BigDecimal input = perMillion(entry, INPUT + ending);
        BigDecimal output = perMillion(entry, OUTPUT + ending);
        BigDecimal cachedInput = perMillion(entry, CACHED_INPUT + ending);
        BigDecimal cacheWrite = perMillion(entry, CACHE_WRITE + ending);
        BigDecimal reasoning = perMillion(entry, REASONING + ending);
        if (otherwise != null && input == null) {
            input = otherwise.input();
            cachedInput = cachedInput == null ? otherwise.cachedInput() : cachedInput;
            cacheWrite = cacheWrite == null ? otherwise.cacheWrite() : cacheWrite;
        }
        if (otherwise != null && output == null) {
            output = otherwise.output();
            reasoning = reasoning == null ? otherwise.reasoning() : reasoning;
        }
        if (input == null || output == null) {
            throw new OddEntryException("has null for a price");
        }
        return Price.of(input, cachedInput, cacheWrite, output, reasoning);
    }

    private static BigDecimal perMillion(JsonObject entry, String field) throws OddEntryException {
        JsonValue value = entry.getOrDefault(field, JsonValue.NULL);
        if (value == JsonValue.NULL) {
            return null;
        }
        if (!(value instanceof JsonNumber number)) {
            throw new OddEntryException(field + " is no number");
        }
        // Exact: 1.5e-07 for a token is 0.15 for a million.
        BigDecimal price = number.bigDecimalValue().movePointRight(MILLION);
        String fault = PriceText.fault(price);
        if (fault != null) {
            throw new OddEntryException(field + " " + fault);
        }
        return price;
    }

    private void tell() {
        LOG.log(
                Level.INFO,
                "LiteLLM's list has " + entries.size() + " prices for tokens; " + withoutTokenPrice
                        + " entries have none and are not needed");
        if (!odd.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    odd.size() + " entries of LiteLLM's list are left out, their models have no price from it: "
                            + String.join(", ", odd.subList(0, Math.min(odd.size(), ODD_SHOWN)))
                            + (odd.size() > ODD_SHOWN ? " …" : ""));
        }
    }

    private static final class OddEntryException extends Exception {

        private static final long serialVersionUID = 1L;

        OddEntryException(String message) {
            super(message, null, false, false);
        }
    }
}
