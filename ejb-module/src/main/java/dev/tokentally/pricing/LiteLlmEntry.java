package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import dev.tokentally.pricing.PriceNumber.UnusableException;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The prices in an entry of LiteLLM's list. */
final class LiteLlmEntry {

    private static final int MILLION = 6;
    private static final long THOUSAND = 1000;

    private static final String ONE_HOUR = "cache_creation_input_token_cost_above_1hr";

    /**
     * The names of the fields. The second name of the cached price comes last, so that it is compared with the first
     * one.
     */
    private static final Map<String, Meter> FIELDS = new LinkedHashMap<>();

    static {
        FIELDS.put("input_cost_per_token", Meter.INPUT_TOKENS);
        FIELDS.put("output_cost_per_token", Meter.OUTPUT_TOKENS);
        FIELDS.put("cache_read_input_token_cost", Meter.CACHE_READ_TOKENS);
        FIELDS.put("cache_creation_input_token_cost", Meter.CACHE_WRITE_TOKENS);
        FIELDS.put(ONE_HOUR, Meter.CACHE_WRITE_1H_TOKENS);
        FIELDS.put("cache_read_input_audio_token_cost", Meter.CACHE_AUDIO_READ_TOKENS);
        FIELDS.put("cache_read_input_image_token_cost", Meter.CACHE_IMAGE_READ_TOKENS);
        FIELDS.put("input_cost_per_audio_token", Meter.INPUT_AUDIO_TOKENS);
        FIELDS.put("input_cost_per_image_token", Meter.INPUT_IMAGE_TOKENS);
        FIELDS.put("input_cost_per_video_token", Meter.INPUT_VIDEO_TOKENS);
        FIELDS.put("output_cost_per_reasoning_token", Meter.OUTPUT_REASONING_TOKENS);
        FIELDS.put("output_cost_per_audio_token", Meter.OUTPUT_AUDIO_TOKENS);
        FIELDS.put("output_cost_per_image_token", Meter.OUTPUT_IMAGE_TOKENS);
        FIELDS.put("output_cost_per_video_token", Meter.OUTPUT_VIDEO_TOKENS);
        FIELDS.put("citation_cost_per_token", Meter.OUTPUT_CITATION_TOKENS);
        FIELDS.put("input_cost_per_token_cache_hit", Meter.CACHE_READ_TOKENS);
    }

    private static final String REQUEST = "input_cost_per_request";

    private static final Map<String, Meter> UNITS =
            Map.of("input_cost_per_query", Meter.SEARCH_UNITS, REQUEST, Meter.REQUESTS);

    private static final Map<String, String> TIERS =
            Map.of("_flex", "flex", "_priority", "priority", "_batches", "batch");

    /** The names, the longest first, since a key belongs to the longest name with which it begins. */
    private static final List<String> LONGEST_FIRST = FIELDS.keySet().stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();

    private static final Pattern ENDING =
            Pattern.compile("(?:_above_(?<length>[1-9][0-9]{0,5})k_tokens)?(?<tier>_flex|_priority|_batches)?"
                    + "|(?<tierFirst>_flex|_priority|_batches)_above_(?<lengthThen>[1-9][0-9]{0,5})k_tokens");

    private static final String SEARCHES = "search_context_cost_per_query";
    private static final String SEARCH_SIZE = "search_context_size_";
    private static final String MEDIUM = "medium";
    private static final String RANGES = "tiered_pricing";

    private static final Set<String> CHAT = Set.of("chat", "completion", "responses", "realtime");

    private final Map<Meter, MeterPrice> standard = new EnumMap<>(Meter.class);
    private final Map<String, Map<Meter, MeterPrice>> tiers = new HashMap<>();
    private final Map<String, BigDecimal> searches = new HashMap<>();

    private LiteLlmEntry() {}

    /** The kind of call for a mode of LiteLLM. */
    static String kind(String mode) {
        if (CHAT.contains(mode)) {
            return "chat";
        }
        return switch (mode) {
            case "image_generation", "image_edit" -> "image";
            case "audio_transcription", "audio_speech" -> "audio";
            default -> mode;
        };
    }

    /**
     * The prices of an entry.
     *
     * @param maybeFree whether an entry without prices counts as free
     */
    static PricePeriod prices(JsonObject entry, boolean maybeFree) throws UnusableException {
        if (entry.getOrDefault(RANGES, JsonValue.NULL) != JsonValue.NULL) {
            return ranges(entry);
        }
        LiteLlmEntry prices = new LiteLlmEntry().read(entry);
        boolean isPaidOtherwise = hasPriceBesideTokens(entry);
        if (isPaidOtherwise) {
            prices.dropZeros();
        }
        PriceSheet sheet = prices.sheet();
        if (sheet.isEmpty() && maybeFree && !isPaidOtherwise && prices.searches.isEmpty()) {
            return PricePeriod.always(PriceSheet.of(Map.of(
                    Meter.INPUT_TOKENS, MeterPrice.ofMillion(BigDecimal.ZERO),
                    Meter.OUTPUT_TOKENS, MeterPrice.ofMillion(BigDecimal.ZERO))));
        }
        if (sheet.isEmpty()) {
            throw new UnusableException("have no price for tokens or queries");
        }
        return PricePeriod.always(sheet);
    }

    /**
     * Reads prices for ranges of the prompt's length. A range excludes its low end and includes its high end. A gap
     * between two ranges has no price.
     */
    private static PricePeriod ranges(JsonObject entry) throws UnusableException {
        NavigableMap<Long, PriceSheet> sheets = new TreeMap<>();
        if (!(entry.get(RANGES) instanceof JsonArray ranges) || ranges.isEmpty()) {
            throw notUnderstood();
        }
        NavigableMap<Long, Long> ends = new TreeMap<>();
        for (JsonValue each : ranges) {
            if (!(each instanceof JsonObject range)
                    || !(range.get("range") instanceof JsonArray bounds)
                    || bounds.size() != 2) {
                throw notUnderstood();
            }
            long low = length(bounds.get(0));
            long high = length(bounds.get(1));
            if (low >= high || ends.put(low, high) != null) {
                throw notUnderstood();
            }
            LiteLlmEntry prices = new LiteLlmEntry().read(entry);
            prices.replaceBy(new LiteLlmEntry().read(range));
            if (hasPriceBesideTokens(entry) || hasPriceBesideTokens(range)) {
                prices.dropZeros();
            }
            sheets.put(high, prices.sheet());
        }
        long end = 0;
        for (Map.Entry<Long, Long> range : ends.entrySet()) {
            if (range.getKey() < end) {
                throw notUnderstood();
            }
            if (range.getKey() > end) {
                sheets.putIfAbsent(range.getKey(), PriceSheet.NONE);
            }
            end = range.getValue();
        }
        return new PricePeriod(Instant.MIN, null, null, sheets);
    }

    private static long length(JsonValue bound) throws UnusableException {
        if (bound instanceof JsonNumber number
                && number.doubleValue() >= 0
                && number.doubleValue() <= Integer.MAX_VALUE
                && number.doubleValue() == Math.rint(number.doubleValue())) {
            return (long) number.doubleValue();
        }
        throw notUnderstood();
    }

    private static UnusableException notUnderstood() {
        return new UnusableException("have a " + RANGES + " that is not understood");
    }

    private LiteLlmEntry read(JsonObject entry) throws UnusableException {
        for (Map.Entry<String, JsonValue> each : entry.entrySet()) {
            String key = each.getKey();
            Meter unit = UNITS.get(key);
            if (unit != null) {
                BigDecimal price = PriceNumber.of("have a " + key + " that", each.getValue(), 0);
                if (price != null) {
                    standard.put(unit, new MeterPrice(price, new TreeMap<>(), 1));
                }
            } else if (key.equals(SEARCHES)) {
                readSearches(each.getValue());
            } else {
                readTokens(key, each.getValue());
            }
        }
        return this;
    }

    /** Puts the prices of a range in the place of those for all lengths, and of those above a threshold. */
    private void replaceBy(LiteLlmEntry range) {
        standard.putAll(range.standard);
        range.tiers.forEach((tier, prices) ->
                tiers.computeIfAbsent(tier, none -> new EnumMap<>(Meter.class)).putAll(prices));
        searches.putAll(range.searches);
    }

    private void readTokens(String key, JsonValue value) throws UnusableException {
        String field = field(key);
        if (field == null) {
            if (key.startsWith(SEARCHES) || UNITS.keySet().stream().anyMatch(key::startsWith)) {
                refuseEnding(key, value);
            }
            return;
        }
        Matcher ending = ENDING.matcher(key.substring(field.length()));
        if (!ending.matches()) {
            refuseEnding(key, value);
            return;
        }
        BigDecimal price = PriceNumber.of("have a " + key + " that", value, MILLION);
        if (price == null) {
            return;
        }
        String length = ending.group("length") == null ? ending.group("lengthThen") : ending.group("length");
        String tier = ending.group("tier") == null ? ending.group("tierFirst") : ending.group("tier");
        Map<Meter, MeterPrice> prices =
                tier == null ? standard : tiers.computeIfAbsent(TIERS.get(tier), none -> new EnumMap<>(Meter.class));
        put(prices, FIELDS.get(field), length == null ? 0 : THOUSAND * Long.parseLong(length), price);
    }

    /** The price may be the one that holds, so the entry cannot be used. */
    private static void refuseEnding(String key, JsonValue value) throws UnusableException {
        if (value != JsonValue.NULL) {
            throw new UnusableException(
                    key.contains("_above_")
                            ? "have a threshold that is not understood"
                            : "have a price whose name has an ending that is not understood");
        }
    }

    /** The name of a token price with which the key begins; null if there is none. */
    private static String field(String key) {
        return LONGEST_FIRST.stream().filter(key::startsWith).findFirst().orElse(null);
    }

    private static void put(Map<Meter, MeterPrice> prices, Meter meter, long length, BigDecimal price)
            throws UnusableException {
        MeterPrice before = prices.getOrDefault(meter, MeterPrice.ofMillion(null));
        BigDecimal told = length == 0 ? before.base() : before.above().get(length);
        if (told != null && told.compareTo(price) != 0 && meter == Meter.CACHE_READ_TOKENS) {
            throw new UnusableException("have a pair of keys that disagree about " + meter.label());
        }
        prices.put(meter, length == 0 ? before.withBase(price) : before.withAbove(length, price));
    }

    private void readSearches(JsonValue value) throws UnusableException {
        if (!(value instanceof JsonObject sizes)) {
            if (value != JsonValue.NULL) {
                throw new UnusableException("have a " + SEARCHES + " that is not understood");
            }
            return;
        }
        for (Map.Entry<String, JsonValue> size : sizes.entrySet()) {
            BigDecimal price = PriceNumber.of("have a " + SEARCHES + " that", size.getValue(), 0);
            if (price != null && size.getKey().startsWith(SEARCH_SIZE)) {
                searches.put(size.getKey().substring(SEARCH_SIZE.length()), price);
            }
        }
        if (searches.containsKey(MEDIUM)) {
            standard.put(Meter.WEB_SEARCHES, new MeterPrice(searches.get(MEDIUM), new TreeMap<>(), 1));
        }
    }

    /** A value that is not understood counts too, since the model may be paid for in this way. */
    private static boolean hasPriceBesideTokens(JsonObject entry) {
        return entry.entrySet().stream()
                .anyMatch(each -> isBesideTokens(each.getKey()) && isAboveZero(each.getValue()));
    }

    /** A price of tokens that has no meter, such as that in Databricks' own unit, is not beside them. */
    private static boolean isBesideTokens(String key) {
        return key.contains("cost")
                && !key.contains("_per_token")
                && !key.contains("_token_cost")
                && !key.equals(REQUEST)
                && field(key) == null;
    }

    private static boolean isAboveZero(JsonValue value) {
        if (value instanceof JsonObject prices) {
            return prices.values().stream().anyMatch(LiteLlmEntry::isAboveZero);
        }
        return value != JsonValue.NULL
                && !(value instanceof JsonNumber number
                        && number.bigDecimalValue().signum() == 0);
    }

    /**
     * Takes out the prices of 0 for tokens, since the model is paid for in another way. The price of a part, such as
     * that of cached tokens, may be 0 where all of the input or of the output has a price above 0.
     */
    private void dropZeros() {
        Map<Meter, MeterPrice> usual = new EnumMap<>(standard);
        tiers.values().forEach(prices -> {
            Map<Meter, MeterPrice> all = new EnumMap<>(usual);
            all.putAll(prices);
            dropZeros(prices, all);
        });
        dropZeros(standard, usual);
    }

    private static void dropZeros(Map<Meter, MeterPrice> prices, Map<Meter, MeterPrice> all) {
        prices.replaceAll((meter, price) ->
                meter.isUnit() ? price : price.withoutZeros(length -> isPartOfPaid(meter, length, all)));
        prices.values().removeIf(price -> price.base() == null && price.above().isEmpty());
    }

    private static boolean isPartOfPaid(Meter part, long length, Map<Meter, MeterPrice> all) {
        return part.wholes().stream()
                .anyMatch(whole -> whole.wholes().isEmpty()
                        ? all.containsKey(whole) && all.get(whole).isAboveZero(length)
                        : isPartOfPaid(whole, length, all));
    }

    private PriceSheet sheet() {
        return new PriceSheet(standard, tiers, searches);
    }
}
