package dev.tokentally.langchain4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokentally.llm.Meter;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Counts the usage objects of the providers whose own answers can be read here. */
final class UsageObject {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where each meter stands, by JSON pointers; the first that is there counts. */
    private static final Map<Meter, List<String>> PLACES = new EnumMap<>(Map.ofEntries(
            Map.entry(Meter.INPUT_TOKENS, List.of("/prompt_tokens", "/input_tokens", "/promptTokenCount")),
            Map.entry(Meter.OUTPUT_TOKENS, List.of("/completion_tokens", "/output_tokens", "/candidatesTokenCount")),
            Map.entry(
                    Meter.CACHE_READ_TOKENS,
                    List.of(
                            "/prompt_tokens_details/cached_tokens",
                            "/input_tokens_details/cached_tokens",
                            "/cache_read_input_tokens",
                            "/num_cached_tokens",
                            "/cachedContentTokenCount")),
            Map.entry(
                    Meter.CACHE_WRITE_TOKENS,
                    List.of(
                            "/cache_creation_input_tokens",
                            "/prompt_tokens_details/cache_write_tokens",
                            "/input_tokens_details/cache_write_tokens")),
            Map.entry(Meter.CACHE_WRITE_1H_TOKENS, List.of("/cache_creation/ephemeral_1h_input_tokens")),
            Map.entry(
                    Meter.INPUT_AUDIO_TOKENS,
                    List.of("/prompt_tokens_details/audio_tokens", "/input_tokens_details/audio_tokens")),
            Map.entry(
                    Meter.INPUT_IMAGE_TOKENS,
                    List.of("/prompt_tokens_details/image_tokens", "/input_tokens_details/image_tokens")),
            Map.entry(Meter.TOOL_PROMPT_TOKENS, List.of("/toolUsePromptTokenCount")),
            Map.entry(
                    Meter.OUTPUT_REASONING_TOKENS,
                    List.of(
                            "/completion_tokens_details/reasoning_tokens",
                            "/output_tokens_details/reasoning_tokens",
                            "/output_tokens_details/thinking_tokens",
                            "/thoughtsTokenCount")),
            Map.entry(
                    Meter.OUTPUT_AUDIO_TOKENS,
                    List.of("/completion_tokens_details/audio_tokens", "/output_tokens_details/audio_tokens")),
            Map.entry(Meter.WEB_SEARCHES, List.of("/server_tool_use/web_search_requests"))));

    private static final String ON_DEMAND = "ON_DEMAND_";

    private static final Map<String, Meter> INPUT_MODALITIES = Map.of(
            "AUDIO", Meter.INPUT_AUDIO_TOKENS,
            "IMAGE", Meter.INPUT_IMAGE_TOKENS,
            "DOCUMENT", Meter.INPUT_IMAGE_TOKENS,
            "VIDEO", Meter.INPUT_VIDEO_TOKENS);

    /** Gemini's modalities, by where they stand; a document counts as an image. */
    private static final Map<String, Map<String, Meter>> MODALITIES = Map.of(
            "promptTokensDetails",
            INPUT_MODALITIES,
            "toolUsePromptTokensDetails",
            INPUT_MODALITIES,
            "cacheTokensDetails",
            Map.of(
                    "AUDIO", Meter.CACHE_AUDIO_READ_TOKENS,
                    "IMAGE", Meter.CACHE_IMAGE_READ_TOKENS,
                    "DOCUMENT", Meter.CACHE_IMAGE_READ_TOKENS),
            "candidatesTokensDetails",
            Map.of(
                    "AUDIO", Meter.OUTPUT_AUDIO_TOKENS,
                    "IMAGE", Meter.OUTPUT_IMAGE_TOKENS,
                    "DOCUMENT", Meter.OUTPUT_IMAGE_TOKENS,
                    "VIDEO", Meter.OUTPUT_VIDEO_TOKENS));

    /** Anthropic's places that ask no other price. */
    private static final Set<String> USUAL_PLACES = Set.of("", "global", "not_available");

    private final JsonNode usage;
    private final Map<Meter, Long> counts = new EnumMap<>(Meter.class);
    private boolean incomplete;
    private boolean contradictory;

    private UsageObject(JsonNode usage) {
        this.usage = usage;
    }

    /** Empty where it has no count that is known here. */
    static Optional<Used> read(String json) {
        try {
            UsageObject object = new UsageObject(JSON.readTree(json));
            object.count();
            return object.counts.isEmpty() ? Optional.empty() : Optional.of(object.used());
        } catch (JsonProcessingException notJson) {
            return Optional.empty();
        }
    }

    private void count() {
        PLACES.forEach((meter, places) -> places.stream()
                .map(usage::at)
                .filter(JsonNode::isIntegralNumber)
                .findFirst()
                .ifPresent(count -> counts.put(meter, count.canConvertToLong() ? count.longValue() : Long.MAX_VALUE)));
        MODALITIES.forEach(this::countModalities);
        if (usage.has("cache_read_input_tokens") || usage.has("cache_creation_input_tokens")) {
            addTo(Meter.INPUT_TOKENS, Meter.CACHE_READ_TOKENS);
            addTo(Meter.INPUT_TOKENS, Meter.CACHE_WRITE_TOKENS);
        }
        addTo(Meter.INPUT_TOKENS, Meter.TOOL_PROMPT_TOKENS);
        if (usage.has("thoughtsTokenCount")) {
            addTo(Meter.OUTPUT_TOKENS, Meter.OUTPUT_REASONING_TOKENS);
        }
        checkTotal();
        countIterations();
        incomplete |= !USUAL_PLACES.contains(usage.path("inference_geo").asText())
                || usage.path("speed").asText().equals("fast");
    }

    private void countModalities(String field, Map<String, Meter> meters) {
        for (JsonNode detail : usage.path(field)) {
            Meter meter = meters.get(detail.path("modality").asText());
            if (meter != null && detail.path("tokenCount").canConvertToLong()) {
                counts.merge(meter, detail.path("tokenCount").asLong(), UsageObject::sum);
            }
        }
    }

    /** Anthropic counts its own iterations at the top, but for a compaction; one on another model has another price. */
    private void countIterations() {
        for (JsonNode iteration : usage.path("iterations")) {
            if (iteration.path("type").asText().equals("compaction")) {
                for (String input : List.of("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")) {
                    add(Meter.INPUT_TOKENS, iteration.path(input));
                }
                add(Meter.CACHE_READ_TOKENS, iteration.path("cache_read_input_tokens"));
                add(Meter.CACHE_WRITE_TOKENS, iteration.path("cache_creation_input_tokens"));
                add(Meter.CACHE_WRITE_1H_TOKENS, iteration.at("/cache_creation/ephemeral_1h_input_tokens"));
                add(Meter.OUTPUT_TOKENS, iteration.path("output_tokens"));
            } else if (!iteration.path("type").asText().equals("message")) {
                incomplete = true;
            }
        }
    }

    private void add(Meter meter, JsonNode count) {
        if (count.isIntegralNumber() && count.canConvertToLong() && count.asLong() > 0) {
            counts.merge(meter, count.asLong(), UsageObject::sum);
        }
    }

    private void addTo(Meter whole, Meter part) {
        if (counts.getOrDefault(part, 0L) > 0) {
            counts.merge(whole, counts.get(part), UsageObject::sum);
        }
    }

    /** A larger total: reasoning is beside the output where it explains the difference, else output was not told. */
    private void checkTotal() {
        long total = Math.max(
                usage.path("total_tokens").asLong(),
                usage.path("totalTokenCount").asLong());
        long input = counts.getOrDefault(Meter.INPUT_TOKENS, -1L);
        long output = counts.getOrDefault(Meter.OUTPUT_TOKENS, 0L);
        if (input < 0 || total <= sum(input, output)) {
            return;
        }
        long reasoning = counts.getOrDefault(Meter.OUTPUT_REASONING_TOKENS, 0L);
        incomplete |= reasoning == 0 || total - input != sum(output, reasoning);
        counts.put(Meter.OUTPUT_TOKENS, total - input);
    }

    private Used used() {
        TokenUsage tokens = TokenUsage.of(0, 0);
        for (Map.Entry<Meter, Long> count : counts.entrySet()) {
            boolean always = count.getKey() == Meter.INPUT_TOKENS || count.getKey() == Meter.OUTPUT_TOKENS;
            if (always || count.getValue() != 0) {
                tokens = tokens.with(count.getKey().label(), count.getValue());
                contradictory |= always && count.getValue() > Integer.MAX_VALUE;
            }
        }
        tokens = counts.containsKey(Meter.INPUT_TOKENS) ? tokens : tokens.with(UsageDoubt.INPUT_UNKNOWN);
        tokens = counts.containsKey(Meter.OUTPUT_TOKENS) ? tokens : tokens.with(UsageDoubt.OUTPUT_UNKNOWN);
        tokens = incomplete ? tokens.with(UsageDoubt.INCOMPLETE) : tokens;
        tokens = contradictory ? tokens.with(UsageDoubt.CONTRADICTORY) : tokens;
        return new Used(tokens, tier(), cost());
    }

    /** Gemini says it at the end of another word. */
    private String tier() {
        String tier =
                usage.path("service_tier").asText(usage.path("serviceTier").asText());
        String traffic = usage.path("trafficType").asText();
        return tier.isEmpty() && traffic.startsWith(ON_DEMAND) ? traffic.substring(ON_DEMAND.length()) : tier;
    }

    private Double cost() {
        JsonNode cost = usage.path("cost");
        boolean ownKey = usage.path("is_byok").asBoolean() && cost.asDouble() == 0;
        return cost.isNumber() && !ownKey ? cost.asDouble() : null;
    }

    private static long sum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
