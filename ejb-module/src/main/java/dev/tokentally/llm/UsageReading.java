package dev.tokentally.llm;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** Turns one usage object into meters. */
final class UsageReading {

    /** The most notes that are kept, since an object from outside could cause any number of them. */
    private static final int MOST_NOTES = 50;

    /** How many of xAI's ticks are a dollar. The nearest double to the quotient has the exact amount as its shortest decimal form. */
    private static final double TICKS_PER_DOLLAR = 1e10;

    private static final Set<String> SEARCH_SIZES = Set.of("low", "medium", "high");

    private final String provider;
    private final UsageObject usage;
    private final Set<String> notes = new LinkedHashSet<>();
    private final Map<Meter, Long> meters = new EnumMap<>(Meter.class);
    private final Set<Meter> jointlyNone = EnumSet.noneOf(Meter.class);
    private final Set<UsageDoubt> doubts = EnumSet.noneOf(UsageDoubt.class);

    private OptionalLong input;
    private OptionalLong output;
    private boolean inputTold;
    private boolean outputTold;

    UsageReading(String provider, UsageObject usage) {
        this.provider = ProviderName.of(provider).replaceAll("[^a-z0-9]", "");
        this.usage = usage;
    }

    UsagePayload payload() {
        readInput();
        readOutput();
        addIterations();
        readUnits();
        UnmeteredCharges.of(usage).forEach(this::incomplete);
        checkTier();
        readTotal();
        limitToWhatIsRecorded();
        TokenUsage told = TokenUsage.of(0, 0)
                .with(Meter.INPUT_TOKENS.label(), input.orElse(0))
                .with(Meter.OUTPUT_TOKENS.label(), output.orElse(0));
        for (Map.Entry<Meter, Long> meter : meters.entrySet()) {
            if (meter.getValue() > 0 || jointlyNone.contains(meter.getKey())) {
                told = told.with(meter.getKey().label(), meter.getValue());
            }
        }
        for (String wrong : usage.wrong()) {
            notes.add(wrong + ", so the call is not priced");
            doubts.add(UsageDoubt.CONTRADICTORY);
        }
        for (UsageDoubt doubt : doubts) {
            told = told.with(doubt);
        }
        return UsagePayload.of(told, serviceTier(), cost(), searchContextSize(), List.copyOf(notes));
    }

    private void readInput() {
        input = usage.count(UsageFields.INPUT);
        inputTold = input.isPresent();
        long read = read(UsageFields.CACHE_READ_WITHIN);
        long written = read(UsageFields.CACHE_WRITE_WITHIN);
        if (read == 0 && written == 0) {
            read = read(UsageFields.CACHE_READ_BESIDE);
            written = writtenBeside();
            if (inputTold && !isWithinPrompt(read, written)) {
                input = plus(input, UsageObject.plus(read, written));
            }
        } else {
            // A proxy may have the same counts under both providers' names, or the reads under one and the writes under
            // the other.
            read = read == 0 ? read(UsageFields.CACHE_READ_BESIDE) : read;
            written = written == 0 ? writtenBeside() : written;
        }
        meters.put(Meter.CACHE_READ_TOKENS, read);
        meters.put(Meter.CACHE_WRITE_TOKENS, written);
        meters.put(Meter.CACHE_WRITE_1H_TOKENS, writtenForAnHour());
        long toolPrompt = read(UsageFields.TOOL_PROMPT);
        if (toolPrompt > 0) {
            input = plus(input, toolPrompt);
            meters.put(Meter.TOOL_PROMPT_TOKENS, toolPrompt);
        }
        long connectors = read(UsageFields.CONNECTORS);
        if (connectors > 0) {
            input = isInTotalBesidePrompt(connectors) ? plus(input, connectors) : input;
            meters.merge(Meter.TOOL_PROMPT_TOKENS, connectors, UsageObject::plus);
        }
        long cachedAudio = read(UsageFields.CACHE_AUDIO_READ);
        long cachedImages = UsageObject.plus(read(UsageFields.CACHE_IMAGE_READ), read(UsageFields.CACHE_DOCUMENT_READ));
        long audio = UsageObject.plus(read(UsageFields.INPUT_AUDIO), read(UsageFields.TOOL_AUDIO));
        long documents = UsageObject.plus(read(UsageFields.INPUT_DOCUMENT), read(UsageFields.TOOL_DOCUMENT));
        long pictures = UsageObject.plus(read(UsageFields.INPUT_IMAGE), read(UsageFields.TOOL_IMAGE));
        long images = UsageObject.plus(pictures, documents);
        long billed = usage.isBilledUnits() ? read(UsageFields.BILLED_IMAGE) : 0;
        if (billed > 0) {
            input = plus(input, billed);
            inputTold = true;
            images = UsageObject.plus(images, billed);
        }
        // If only the cached part is split by modality, that part is all that is known of the whole.
        meters.put(Meter.INPUT_AUDIO_TOKENS, audio == 0 ? cachedAudio : audio);
        meters.put(Meter.INPUT_IMAGE_TOKENS, images == 0 ? cachedImages : images);
        meters.put(
                Meter.INPUT_VIDEO_TOKENS,
                UsageObject.plus(read(UsageFields.INPUT_VIDEO), read(UsageFields.TOOL_VIDEO)));
        meters.put(Meter.CACHE_AUDIO_READ_TOKENS, cachedAudio);
        meters.put(Meter.CACHE_IMAGE_READ_TOKENS, cachedImages);
        long otherCached = UsageObject.plus(read(UsageFields.CACHE_TEXT_READ), read(UsageFields.CACHE_VIDEO_READ));
        boolean isListed = read == UsageObject.plus(UsageObject.plus(cachedAudio, cachedImages), otherCached);
        if (read > 0 && audio > 0 && isNone(UsageFields.CACHE_AUDIO_READ, isListed)) {
            jointlyNone.add(Meter.CACHE_AUDIO_READ_TOKENS);
        }
        // Documents count as pictures, but the count of cached pictures does not include them.
        if (read > 0 && pictures > 0 && documents == 0 && isNone(UsageFields.CACHE_IMAGE_READ, isListed)) {
            jointlyNone.add(Meter.CACHE_IMAGE_READ_TOKENS);
        }
    }

    private boolean isInTotalBesidePrompt(long tokens) {
        long total = read(UsageFields.TOTAL);
        long both = UsageObject.plus(input.orElse(0), read(UsageFields.OUTPUT));
        return total == 0 || total >= UsageObject.plus(both, tokens);
    }

    /** Whether the count is there and 0, or is not there because all cached tokens are listed without it. */
    private boolean isNone(List<String> paths, boolean isListed) {
        return usage.count(paths).orElse(isListed ? 0 : -1) == 0;
    }

    /**
     * A proxy with OpenAI's names counts Anthropic's cache tokens as a part of its prompt tokens, unless its total
     * shows that they come in addition. With Anthropic's names they come in addition. Of another provider, a total that
     * does not contain them may mean that they are a part of the input, but it may also just leave them out.
     */
    private boolean isWithinPrompt(long read, long written) {
        long cached = UsageObject.plus(read, written);
        long both = UsageObject.plus(
                input.getAsLong(), usage.count(UsageFields.OUTPUT).orElse(0));
        long total = usage.count(UsageFields.TOTAL).orElse(0);
        if (cached > input.getAsLong() || total >= UsageObject.plus(both, cached)) {
            return false;
        }
        if (isCounted("prompt_tokens")) {
            return true;
        }
        boolean isGuess = cached > 0 && isCounted("input_tokens") && total >= both && !countsCacheBeside();
        if (isGuess) {
            incomplete("the total does not contain the cached tokens, so they are counted as a part of the input: if"
                    + " they come in addition, the bill is higher");
        }
        return isGuess;
    }

    /** Whether the count is above 0. Some servers fill in every name with 0, and such a name does not say how they count. */
    private boolean isCounted(String name) {
        return usage.count(name).orElse(0) > 0;
    }

    /** On Vertex AI, only Anthropic's models have Anthropic's names. */
    private boolean countsCacheBeside() {
        return Stream.of("anthropic", "bedrock", "vertexai").anyMatch(provider::contains);
    }

    private long writtenBeside() {
        OptionalLong sum = usage.count(UsageFields.CACHE_WRITE_BESIDE);
        long byDuration = UsageObject.plus(read(UsageFields.CACHE_WRITE_5M), read(UsageFields.CACHE_WRITE_1H));
        for (UsageObject detail : usage.objects(UsageFields.CACHE_WRITE_DETAILS)) {
            byDuration = UsageObject.plus(byDuration, count(detail, "inputTokens"));
        }
        if (sum.isPresent() && byDuration > sum.getAsLong()) {
            doubt(
                    UsageDoubt.CONTRADICTORY,
                    "cache writes by duration are " + byDuration + ", more than their sum " + sum.getAsLong()
                            + ", not priced");
        }
        return sum.orElse(byDuration);
    }

    private long writtenForAnHour() {
        long written = read(UsageFields.CACHE_WRITE_1H);
        for (UsageObject detail : usage.objects(UsageFields.CACHE_WRITE_DETAILS)) {
            if (detail.text("ttl").equalsIgnoreCase("1h")) {
                written = UsageObject.plus(written, count(detail, "inputTokens"));
            }
        }
        return written;
    }

    private long count(UsageObject detail, String name) {
        long count = detail.count(name).orElse(0);
        usage.wrong().addAll(detail.wrong());
        detail.wrong().clear();
        return count;
    }

    private void readOutput() {
        output = usage.count(UsageFields.OUTPUT);
        outputTold = output.isPresent();
        long thoughts = read(UsageFields.THOUGHTS);
        if (thoughts > 0) {
            output = plus(output, thoughts);
        }
        meters.put(Meter.OUTPUT_REASONING_TOKENS, thoughts);
        meters.put(Meter.OUTPUT_AUDIO_TOKENS, read(UsageFields.OUTPUT_AUDIO));
        meters.put(
                Meter.OUTPUT_IMAGE_TOKENS,
                UsageObject.plus(read(UsageFields.OUTPUT_IMAGE), read(UsageFields.OUTPUT_DOCUMENT)));
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
        if (isCounted("reasoning_tokens") && isPerplexity()) {
            return true;
        }
        long total = read(UsageFields.TOTAL);
        if (total > 0 && input.isPresent()) {
            long counted = UsageObject.plus(input.getAsLong(), output.orElse(0));
            return total >= UsageObject.plus(counted, reasoning);
        }
        if (output.isEmpty()) {
            return total == 0;
        }
        boolean xaiChat = isXai() && isCounted("completion_tokens");
        return xaiChat || reasoning > output.getAsLong();
    }

    /**
     * Anthropic's top level is the sum of the messages. A compaction comes in addition, and an advisor is a call of
     * another model.
     */
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
                inputTold &= compaction.inputTold;
                outputTold &= compaction.outputTold;
                doubts.addAll(compaction.doubts);
                notes.addAll(compaction.notes);
                usage.wrong().addAll(iteration.wrong());
            } else if (!type.equals("message")) {
                String model = iteration.text("model");
                incomplete(
                        model.isEmpty()
                                ? "an iteration of an unknown kind is not counted, so the bill is higher"
                                : "an iteration on " + UsageText.name(model)
                                        + " is not counted, so the bill is higher");
            }
        }
    }

    private void readUnits() {
        long searches = usage.webSearches();
        for (String groundings : UsageFields.GROUNDINGS) {
            searches = UsageObject.plus(searches, groundings(groundings));
        }
        if (searches > 0) {
            meters.put(Meter.WEB_SEARCHES, searches);
        }
        long units = read(UsageFields.SEARCH_UNITS);
        if (units > 0) {
            meters.put(Meter.SEARCH_UNITS, units);
        }
    }

    /** The searches in a list of tools. If a count cannot be read, the tool may still be billed. */
    private long groundings(String path) {
        long searches = 0;
        List<UsageObject> tools = usage.tools(path);
        boolean isRead = !tools.isEmpty() || !usage.isUsed(path);
        for (UsageObject tool : tools) {
            OptionalLong count = tool.countIfRight("count");
            isRead &= count.isPresent() || !tool.text("type").isEmpty() && !tool.isUsed("count");
            if (tool.text("type").equalsIgnoreCase("google_search")) {
                searches = UsageObject.plus(searches, count.orElse(0));
            } else if (count.orElse(0) > 0) {
                incomplete(path + " has a tool that is no web search, for which there is no meter: the bill may be"
                        + " higher");
            }
        }
        if (!isRead) {
            incomplete(path + " has no readable count of a tool: the bill may be higher");
        }
        return searches;
    }

    /** Checks the counts against the object's own total. */
    private void readTotal() {
        OptionalLong total = usage.count(UsageFields.TOTAL);
        // Some servers give 0 as the output of a reranking or an embedding.
        boolean isAlone = output.isEmpty() ? total.isPresent() : output.getAsLong() == 0 && total.orElse(0) > 0;
        if (input.isEmpty() && isAlone) {
            input = total;
            doubt(UsageDoubt.TOTAL_ALONE, "only a total is given");
            return;
        }
        if (input.isPresent() && total.isPresent()) {
            long counted = UsageObject.plus(input.getAsLong(), output.orElse(0));
            if (total.getAsLong() > counted) {
                output = OptionalLong.of(total.getAsLong() - input.getAsLong());
                incomplete("the total is larger than its parts: " + (total.getAsLong() - counted)
                        + " tokens are counted as output");
            }
            // If the total contains all parts, no output is missing.
            outputTold |= total.getAsLong() >= counted;
        }
        if (usage.isBilledUnits() && input.orElse(0) == 0 && output.orElse(0) == 0 && hasUnits()) {
            // A reranking is billed by its searches alone. Its counts of tokens are 0, if they are there.
            return;
        }
        if (!inputTold) {
            doubt(UsageDoubt.INPUT_UNKNOWN, "no input count is given");
        }
        if (!outputTold) {
            doubt(UsageDoubt.OUTPUT_UNKNOWN, "no output count is given");
        }
    }

    private boolean hasUnits() {
        return meters.values().stream().anyMatch(quantity -> quantity > 0);
    }

    /** Counts of tokens are recorded as numbers of 31 bits. */
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

    /** A tier that is not given as text would be taken for the standard one. */
    private void checkTier() {
        Stream.concat(Stream.of("service_tier", "serviceTier"), UsageFields.TRAFFIC_TYPE.stream())
                .filter(usage::isNoText)
                .filter(name -> !name.equals("serviceTier")
                        || usage.text("serviceTier.type").isEmpty())
                .forEach(name -> incomplete(name + " is not the name of a tier: the bill may differ"));
    }

    private String serviceTier() {
        Stream<String> tiers = UsageFields.SERVICE_TIER.stream().flatMap(usage::texts);
        Stream<String> traffic = UsageFields.TRAFFIC_TYPE.stream()
                .flatMap(usage::texts)
                .map(type -> type.toLowerCase(Locale.ROOT).replaceFirst("^on_demand_", ""));
        return Stream.concat(tiers, traffic)
                .filter(tier -> !tier.toLowerCase(Locale.ROOT).endsWith("unspecified"))
                .findFirst()
                .map(ServiceTier::of)
                .orElse("");
    }

    /** The cost is recognised by its form too, since an answer may come through a client of another provider. */
    private Double cost() {
        String currency = usage.text("cost.currency");
        Double cost = currency.isEmpty() || currency.equalsIgnoreCase("USD") ? usage.number("cost.total_cost") : null;
        if (cost == null && (isPerplexity() || isOpenRouter())) {
            cost = usage.number("cost");
        }
        if (cost == null) {
            return xaiCost();
        }
        return cost == 0 && usage.isTrue("is_byok") ? null : cost;
    }

    /** It is not documented what a 0 means. It may stand for a cost that is not known. */
    private Double xaiCost() {
        Double ticks = usage.number("cost_in_usd_ticks");
        return ticks == null || ticks == 0 ? null : (Double) (ticks / TICKS_PER_DOLLAR);
    }

    private boolean isOpenRouter() {
        return provider.contains("openrouter") || usage.has("is_byok") || usage.has("cost_details");
    }

    private boolean isPerplexity() {
        return provider.contains("perplexity")
                || usage.has("citation_tokens")
                || usage.has("num_search_queries")
                || usage.has("search_context_size")
                || usage.has("cost.total_cost");
    }

    private String searchContextSize() {
        String size = usage.text("search_context_size").strip().toLowerCase(Locale.ROOT);
        return SEARCH_SIZES.contains(size) ? size : "";
    }

    private boolean isXai() {
        return provider.equals("xai");
    }

    private long read(List<String> paths) {
        return usage.count(paths).orElse(0);
    }

    private static OptionalLong plus(OptionalLong a, long b) {
        return OptionalLong.of(UsageObject.plus(a.orElse(0), b));
    }

    private void incomplete(String note) {
        doubt(UsageDoubt.INCOMPLETE, note);
    }

    private void doubt(UsageDoubt doubt, String note) {
        doubts.add(doubt);
        if (notes.size() < MOST_NOTES) {
            notes.add(note);
        }
    }
}
