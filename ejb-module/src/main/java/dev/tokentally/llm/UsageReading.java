package dev.tokentally.llm;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** Makes meters of one usage object. */
final class UsageReading {

    private static final int LONGEST_NAME = 80;

    private final String provider;
    private final UsageObject usage;
    private final List<String> notes = new ArrayList<>();
    private final Map<Meter, Long> meters = new EnumMap<>(Meter.class);
    private TokenUsage doubtful = TokenUsage.of(0, 0);

    private OptionalLong input;
    private OptionalLong output;

    UsageReading(String provider, UsageObject usage) {
        this.provider = provider.strip().toLowerCase(Locale.ROOT);
        this.usage = usage;
    }

    UsagePayload payload() {
        readInput();
        readOutput();
        addIterations();
        readUnits();
        noteWhatHasNoMeter();
        readTotal();
        limitToWhatIsRecorded();
        TokenUsage told = doubtful.with(Meter.INPUT_TOKENS.label(), input.orElse(0))
                .with(Meter.OUTPUT_TOKENS.label(), output.orElse(0));
        for (Map.Entry<Meter, Long> meter : meters.entrySet()) {
            if (meter.getValue() > 0) {
                told = told.with(meter.getKey().label(), meter.getValue());
            }
        }
        for (String wrong : usage.wrong()) {
            notes.add(wrong + ", so the call is not priced");
            told = told.with(UsageDoubt.CONTRADICTORY);
        }
        return UsagePayload.of(told, serviceTier(), cost(), usage.text("search_context_size"), notes);
    }

    private void readInput() {
        input = usage.count(UsageFields.INPUT);
        long read = read(UsageFields.CACHE_READ_WITHIN);
        long written = read(UsageFields.CACHE_WRITE_WITHIN);
        if (read == 0 && written == 0) {
            read = read(UsageFields.CACHE_READ_BESIDE);
            written = Math.max(read(UsageFields.CACHE_WRITE_BESIDE), writtenByDuration());
            if (input.isPresent() && (!isWithinPrompt(read, written))) {
                input = plus(input, UsageObject.plus(read, written));
            }
        }
        meters.put(Meter.CACHE_READ_TOKENS, read);
        meters.put(Meter.CACHE_WRITE_TOKENS, written);
        meters.put(Meter.CACHE_WRITE_1H_TOKENS, writtenForAnHour());
        long toolPrompt = read(UsageFields.TOOL_PROMPT);
        if (toolPrompt > 0) {
            input = plus(input, toolPrompt);
            meters.put(Meter.TOOL_PROMPT_TOKENS, toolPrompt);
        }
        long cachedAudio = read(UsageFields.CACHE_AUDIO_READ);
        long cachedImages = UsageObject.plus(read(UsageFields.CACHE_IMAGE_READ), read(UsageFields.CACHE_DOCUMENT_READ));
        long audio = read(UsageFields.INPUT_AUDIO);
        long images = UsageObject.plus(read(UsageFields.INPUT_IMAGE), read(UsageFields.INPUT_DOCUMENT));
        // Where only the cached part is told by its form, that is what is known of the whole.
        meters.put(Meter.INPUT_AUDIO_TOKENS, audio == 0 ? cachedAudio : audio);
        meters.put(Meter.INPUT_IMAGE_TOKENS, images == 0 ? cachedImages : images);
        meters.put(Meter.INPUT_VIDEO_TOKENS, read(UsageFields.INPUT_VIDEO));
        meters.put(Meter.CACHE_AUDIO_READ_TOKENS, cachedAudio);
        meters.put(Meter.CACHE_IMAGE_READ_TOKENS, cachedImages);
    }

    /** A proxy that speaks OpenAI's language has Anthropic's counts within its prompt tokens. */
    private boolean isWithinPrompt(long read, long written) {
        return usage.has("prompt_tokens") && UsageObject.plus(read, written) <= input.getAsLong();
    }

    private long writtenByDuration() {
        return UsageObject.plus(count(UsageFields.CACHE_WRITE_5M), count(UsageFields.CACHE_WRITE_1H));
    }

    private long writtenForAnHour() {
        long written = count(UsageFields.CACHE_WRITE_1H);
        for (UsageObject detail : usage.objects("cacheDetails")) {
            if (detail.text("ttl").equalsIgnoreCase("1h")) {
                written = UsageObject.plus(written, detail.count("inputTokens").orElse(0));
            }
        }
        return written;
    }

    private void readOutput() {
        output = usage.count(UsageFields.OUTPUT);
        long thoughts = read(UsageFields.THOUGHTS);
        if (thoughts > 0) {
            output = plus(output, thoughts);
        }
        meters.put(Meter.OUTPUT_REASONING_TOKENS, thoughts);
        meters.put(Meter.OUTPUT_AUDIO_TOKENS, read(UsageFields.OUTPUT_AUDIO));
        meters.put(Meter.OUTPUT_IMAGE_TOKENS, read(UsageFields.OUTPUT_IMAGE));
        meters.put(Meter.OUTPUT_VIDEO_TOKENS, read(UsageFields.OUTPUT_VIDEO));
        long citations = read(UsageFields.CITATIONS);
        if (citations > 0) {
            output = plus(output, citations);
            meters.put(Meter.OUTPUT_CITATION_TOKENS, citations);
        }
        long reasoning = thoughts > 0 ? 0 : read(UsageFields.REASONING);
        if (reasoning > 0) {
            meters.put(Meter.OUTPUT_REASONING_TOKENS, reasoning);
            if (isBeside(reasoning)) {
                output = plus(output, reasoning);
            }
        }
    }

    private boolean isBeside(long reasoning) {
        boolean inDetails = !usage.has("reasoning_tokens");
        if (!inDetails && isPerplexity()) {
            return true;
        }
        OptionalLong total = usage.count(UsageFields.TOTAL);
        if (output.isEmpty()) {
            return total.isEmpty();
        }
        if (total.isPresent() && input.isPresent()) {
            long explained = UsageObject.plus(UsageObject.plus(input.getAsLong(), output.getAsLong()), reasoning);
            return total.getAsLong() >= explained;
        }
        boolean xaiChat = isXai() && usage.has("completion_tokens");
        return xaiChat || reasoning > output.getAsLong();
    }

    /** Anthropic's top level is the sum of the messages; a compaction comes on top, an advisor is another model's call. */
    private void addIterations() {
        for (UsageObject iteration : usage.objects("iterations")) {
            String type = iteration.text("type");
            if (type.equals("compaction")) {
                UsageReading compaction = new UsageReading(provider, iteration);
                compaction.readInput();
                compaction.readOutput();
                input = plus(input, compaction.input.orElse(0));
                output = plus(output, compaction.output.orElse(0));
                compaction.meters.forEach((meter, quantity) -> meters.merge(meter, quantity, UsageObject::plus));
                usage.wrong().addAll(iteration.wrong());
            } else if (!type.equals("message")) {
                String model = iteration.text("model");
                incomplete(
                        model.isEmpty()
                                ? "an iteration of a kind that is not known is not counted, so the bill is higher"
                                : "an iteration on " + name(model) + " is not counted, so the bill is higher");
            }
        }
    }

    private void readUnits() {
        long searches = read(UsageFields.WEB_SEARCHES);
        if (searches > 0) {
            meters.put(Meter.WEB_SEARCHES, searches);
        }
        long units = read(UsageFields.SEARCH_UNITS);
        if (units > 0) {
            meters.put(Meter.SEARCH_UNITS, units);
        }
    }

    private void noteWhatHasNoMeter() {
        String geo = usage.text("inference_geo");
        if (!geo.isEmpty() && !geo.equals("global") && !geo.equals("not_available")) {
            incomplete("inference_geo is " + name(geo) + ", for which there is no meter: the bill may be higher");
        }
        if (usage.text("speed").equals("fast")) {
            incomplete("speed is fast, for which there is no meter: the bill is higher");
        }
        for (String unmetered : List.of("images", "classifications")) {
            if (usage.isBilledUnits() && count(unmetered) > 0) {
                incomplete(unmetered + " are billed, for which there is no meter: the bill is higher");
            }
        }
        for (String unmetered : List.of("prompt_audio_seconds", "num_sources_used")) {
            Double number = usage.number(unmetered);
            if (number != null && number > 0) {
                incomplete(unmetered + " is told, for which there is no meter: the bill may be higher");
            }
        }
    }

    /** The object's own total is the check. */
    private void readTotal() {
        OptionalLong total = usage.count(UsageFields.TOTAL);
        if (input.isEmpty() && output.isEmpty() && total.isPresent()) {
            input = total;
            doubt(UsageDoubt.TOTAL_ALONE, "only a total is told");
            return;
        }
        if (input.isPresent() && total.isPresent()) {
            long counted = UsageObject.plus(input.getAsLong(), output.orElse(0));
            if (output.isEmpty() && total.getAsLong() >= input.getAsLong()) {
                output = OptionalLong.of(0);
            }
            if (total.getAsLong() > counted) {
                output = OptionalLong.of(total.getAsLong() - input.getAsLong());
                incomplete("the total is larger than its parts: " + (total.getAsLong() - counted)
                        + " tokens are counted as output");
            }
        }
        if (usage.isBilledUnits() && (input.isPresent() || output.isPresent() || hasUnits())) {
            // What is not listed there is not billed.
            return;
        }
        if (input.isEmpty()) {
            doubt(UsageDoubt.INPUT_UNKNOWN, "no input count is told");
        }
        if (output.isEmpty()) {
            doubt(UsageDoubt.OUTPUT_UNKNOWN, "no output count is told");
        }
    }

    private boolean hasUnits() {
        return meters.values().stream().anyMatch(quantity -> quantity > 0);
    }

    /** The five counts of the port are whole numbers of 31 bits. */
    private void limitToWhatIsRecorded() {
        for (Meter meter : Meter.values()) {
            long quantity = meter == Meter.INPUT_TOKENS
                    ? input.orElse(0)
                    : meter == Meter.OUTPUT_TOKENS ? output.orElse(0) : meters.getOrDefault(meter, 0L);
            if (quantity > Integer.MAX_VALUE && !meter.isUnit()) {
                doubt(UsageDoubt.CONTRADICTORY, meter.label() + " is more than can be recorded");
            }
        }
    }

    private String serviceTier() {
        String told = usage.text("service_tier");
        if (told.isEmpty()) {
            told = usage.text("serviceTier");
        }
        if (told.isEmpty()) {
            String traffic = usage.text("trafficType").toLowerCase(Locale.ROOT);
            told = traffic.startsWith("on_demand_") ? traffic.substring("on_demand_".length()) : traffic;
        }
        return ServiceTier.of(told.equalsIgnoreCase("unspecified") ? "" : told);
    }

    private Double cost() {
        if (!isPerplexity() && !provider.contains("openrouter")) {
            return null;
        }
        Double cost = usage.number("cost");
        if (cost == null) {
            cost = usage.number("cost.total_cost");
        }
        return cost != null && cost == 0 && usage.isTrue("is_byok") ? null : cost;
    }

    private boolean isPerplexity() {
        return provider.contains("perplexity");
    }

    private boolean isXai() {
        return provider.equals("xai") || provider.equals("x_ai") || provider.equals("x.ai") || provider.equals("x-ai");
    }

    private long read(List<String> paths) {
        return usage.count(paths).orElse(0);
    }

    private long count(String path) {
        return usage.count(path).orElse(0);
    }

    private static OptionalLong plus(OptionalLong a, long b) {
        return OptionalLong.of(UsageObject.plus(a.orElse(0), b));
    }

    private void incomplete(String note) {
        doubt(UsageDoubt.INCOMPLETE, note);
    }

    private void doubt(UsageDoubt doubt, String note) {
        doubtful = doubtful.with(doubt);
        notes.add(note);
    }

    /** A name from outside, for a note of one line. */
    private static String name(String told) {
        String safe = told.replaceAll("[^\\p{L}\\p{N} ._:/@-]", "?");
        return safe.length() > LONGEST_NAME ? safe.substring(0, LONGEST_NAME) : safe;
    }
}
