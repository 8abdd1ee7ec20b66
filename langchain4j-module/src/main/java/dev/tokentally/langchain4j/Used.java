package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.llm.UsagePayload;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What a call used and how it was served.
 *
 * @param tokens null if they are not known
 * @param serviceTier as the provider names it; empty if it does not name one
 * @param costUsd the cost of the call as the provider says; null if it does not say
 */
record Used(TokenUsage tokens, String serviceTier, Double costUsd) {

    private static final Logger LOG = QuietLog.of(Used.class);

    /** The doubts about an object without any count. */
    private static final Set<UsageDoubt> NOTHING = Set.of(UsageDoubt.INPUT_UNKNOWN, UsageDoubt.OUTPUT_UNKNOWN);

    /** Providers that cache prompts without being asked, and charge less for tokens that they read from the cache. */
    private static final List<String> CACHE_UNASKED = List.of("azure.", "gcp.");

    /** The shortest prompt, in tokens, that Microsoft and Google cache. */
    private static final int SHORTEST_CACHED = 1024;

    /** Nothing is known. */
    static final Used UNKNOWN = new Used(null, "", null);

    /**
     * Reads the provider's own answer, if LangChain4j keeps it or the model's HTTP client is watched; otherwise LangChain4j's
     * classes.
     *
     * @param provider as our rows name it
     */
    static Used of(String provider, ChatResponse response, RawCall raw) {
        Used used = of(
                provider,
                kept(response.metadata()).or(() -> seen(provider, response, raw)),
                () -> byClass(provider, response, raw));
        Used whole = Forms.isSearched(response.metadata()) ? used.incomplete() : used;
        return raw.isRepeated() ? whole.withoutTheRest() : whole;
    }

    /** A model may ask another one after it. So the last of several answers must have the output that LangChain4j gives. */
    private static Optional<RawUsage> seen(String provider, ChatResponse response, RawCall raw) {
        TokenUsage told = raw.isRepeated() ? UsedTokens.of(response.tokenUsage(), provider) : null;
        return told == null
                ? raw.usage()
                : raw.usage().filter(last -> {
                    TokenUsage read =
                            of(provider, Optional.of(last), () -> UNKNOWN).tokens();
                    return read != null && read.output() == told.output();
                });
    }

    /**
     * LangChain4j's classes do not separate tokens of sound and pictures from those of texts, and most do not give the served tier.
     */
    private static Used byClass(String provider, ChatResponse response, RawCall raw) {
        String tier = text(response.metadata(), "serviceTier");
        Used used = new Used(UsedTokens.of(response.tokenUsage(), provider), tier, null);
        boolean isTold = raw.isTextAlone()
                && Forms.isTextAlone(response.aiMessage())
                && (!tier.isEmpty() || !raw.asksForTier())
                && !dropsWhatWasCached(provider, response.tokenUsage());
        return isTold ? used : used.incomplete();
    }

    /** Whether cached tokens are lost, since LangChain4j's general class has no place for them. */
    private static boolean dropsWhatWasCached(String provider, dev.langchain4j.model.output.TokenUsage usage) {
        return usage != null
                && usage.getClass() == dev.langchain4j.model.output.TokenUsage.class
                && CACHE_UNASKED.stream().anyMatch(provider::startsWith)
                && usage.inputTokenCount() != null
                && usage.inputTokenCount() >= SHORTEST_CACHED;
    }

    /** The same if it has no tokens. */
    Used incomplete() {
        return with(UsageDoubt.INCOMPLETE);
    }

    /** The same as a part of what the call used. A cost that the provider gives is that of this part only. */
    Used withoutTheRest() {
        return new Used(tokens, serviceTier, null).incomplete();
    }

    private Used with(UsageDoubt doubt) {
        return tokens == null ? this : new Used(tokens.with(doubt), serviceTier, costUsd);
    }

    /**
     * What all answers of a call used. It is all that is known of a failed call, for example if LangChain4j does not understand an
     * answer for which the provider charges, or if a model sends several requests and the last one fails. Several answers have no
     * exact price: it may depend on the length of each prompt, and each request may have a price.
     */
    static Used ofAll(String provider, RawCall raw) {
        Used used = raw.usages().stream()
                .map(answer -> of(provider, Optional.of(answer), () -> UNKNOWN))
                .reduce(Used::plus)
                .orElse(UNKNOWN);
        return raw.isRepeated() ? used.withoutTheRest() : used;
    }

    /** The sum, if both count the same things and have no cost. Otherwise nothing is known. */
    private Used plus(Used other) {
        boolean isAlike = tokens != null
                && other.tokens != null
                && costUsd == null
                && other.costUsd == null
                && serviceTier.equals(other.serviceTier)
                && tokens.doubts().equals(other.tokens.doubts())
                && tokens.meters().keySet().equals(other.tokens.meters().keySet());
        if (!isAlike) {
            return UNKNOWN;
        }
        Map<String, Long> meters = new HashMap<>(tokens.meters());
        other.tokens.meters().forEach((meter, quantity) -> meters.merge(meter, quantity, Long::sum));
        TokenUsage sum = new TokenUsage(
                sum(tokens.input(), other.tokens.input()),
                sum(tokens.output(), other.tokens.output()),
                sum(tokens.cachedInput(), other.tokens.cachedInput()),
                sum(tokens.cacheWrite(), other.tokens.cacheWrite()),
                sum(tokens.reasoning(), other.tokens.reasoning()),
                meters,
                tokens.doubts());
        return new Used(sum, serviceTier, null);
    }

    private static int sum(int one, int other) {
        return (int) Math.min(Integer.MAX_VALUE, (long) one + other);
    }

    /**
     * Reads the provider's own usage object.
     *
     * @param otherwise what is known if there is no such object, or nothing in it that can be counted. If the object cannot be read
     *     at all, the row is not priced from this either, just as a quote for the object has no price
     */
    static Used of(String provider, Optional<RawUsage> raw, Supplier<Used> otherwise) {
        UsagePayload read = raw.map(RawUsage::usage)
                .flatMap(json -> guarded(() -> UsagePayload.read(provider, json)))
                .orElse(null);
        if (read == null) {
            return otherwise.get();
        }
        if (read.problem().isPresent()) {
            return otherwise.get().with(UsageDoubt.CONTRADICTORY);
        }
        boolean isNothing = read.tokens().doubts().containsAll(NOTHING)
                && read.tokens().meters().isEmpty();
        return isNothing ? otherwise.get() : new Used(read.tokens(), read.serviceTier(), read.costUsd());
    }

    /** A fault of the reading, even an Error, must not reach the call. LangChain4j lets an Error of a listener through. */
    static <T> Optional<T> guarded(Supplier<T> reading) {
        try {
            return Optional.ofNullable(reading.get());
        } catch (RuntimeException | Error fault) {
            LOG.log(
                    Level.WARNING,
                    "A provider's usage object could not be read, and LangChain4j's counts are recorded instead: "
                            + fault.getClass().getName());
            return Optional.empty();
        }
    }

    /**
     * The answer as the classes of OpenAI, Anthropic, Mistral and Google's own client keep it. These classes are recognised by
     * their methods, since their artifacts may be where this module does not see them.
     */
    static Optional<RawUsage> kept(ChatResponseMetadata metadata) {
        if (call(metadata, "rawServerSentEvents") instanceof List<?> events && !events.isEmpty()) {
            List<String> told = new ArrayList<>();
            events.forEach(event -> told.add(text(event, "data")));
            return RawUsage.ofEvents(told);
        }
        Object response = call(metadata, "rawHttpResponse");
        if (response != null) {
            return RawUsage.ofBody(text(response, "body"));
        }
        Object ofGoogle = call(metadata, "rawResponse");
        return ofGoogle == null ? Optional.empty() : RawUsage.ofBody(text(ofGoogle, "toJson"));
    }

    /** The value of an accessor of an object; empty if there is no accessor, or no text. */
    static String text(Object target, String accessor) {
        return call(target, accessor) instanceof String text ? text : "";
    }

    /** Null if there is no such accessor, if it fails, or if there is no object. */
    static Object call(Object target, String accessor) {
        if (target == null) {
            return null;
        }
        try {
            Method method = Accessors.of(target, accessor);
            return method == null ? null : method.invoke(target);
        } catch (ReflectiveOperationException | RuntimeException otherClass) {
            return null;
        }
    }
}
