package dev.tokentally.llm;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a provider counts for its bill. Input and output are the whole counts of tokens. Every other count of tokens is
 * a part of one or more meters. The rest are counts of units, such as searches. Price lists, quotes and the column
 * {@code meters} name a meter by its label.
 */
public enum Meter {
    /** All tokens of the prompt. */
    INPUT_TOKENS,
    /** All tokens of the answer. */
    OUTPUT_TOKENS,

    /** Input that was read from the provider's cache. */
    CACHE_READ_TOKENS(INPUT_TOKENS),
    /** Input that was written to the provider's cache. */
    CACHE_WRITE_TOKENS(INPUT_TOKENS),
    /** Input that was written to the provider's cache for an hour. */
    CACHE_WRITE_1H_TOKENS(CACHE_WRITE_TOKENS),
    /** Sound in the prompt. */
    INPUT_AUDIO_TOKENS(INPUT_TOKENS),
    /** Pictures in the prompt. */
    INPUT_IMAGE_TOKENS(INPUT_TOKENS),
    /** Films in the prompt. */
    INPUT_VIDEO_TOKENS(INPUT_TOKENS),
    /** Tokens that a tool of the provider put into the prompt. */
    TOOL_PROMPT_TOKENS(INPUT_TOKENS),
    /** Sound that was read from the cache. */
    CACHE_AUDIO_READ_TOKENS(CACHE_READ_TOKENS, INPUT_AUDIO_TOKENS),
    /** Pictures that were read from the cache. */
    CACHE_IMAGE_READ_TOKENS(CACHE_READ_TOKENS, INPUT_IMAGE_TOKENS),

    /** Output that the model spent on reasoning. */
    OUTPUT_REASONING_TOKENS(OUTPUT_TOKENS),
    /** Sound in the answer. */
    OUTPUT_AUDIO_TOKENS(OUTPUT_TOKENS),
    /** Pictures in the answer. */
    OUTPUT_IMAGE_TOKENS(OUTPUT_TOKENS),
    /** Films in the answer. */
    OUTPUT_VIDEO_TOKENS(OUTPUT_TOKENS),
    /** Citations in the answer. */
    OUTPUT_CITATION_TOKENS(OUTPUT_TOKENS),

    /** Searches of the web. */
    WEB_SEARCHES,
    /** Requests, for providers that bill each one. */
    REQUESTS,
    /** Searches of a reranker. */
    SEARCH_UNITS;

    private static final Map<String, Meter> BY_LABEL =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Meter::label, Function.identity()));

    private final String label = name().toLowerCase(Locale.ROOT);
    private final List<Meter> wholes;

    Meter(Meter... wholes) {
        this.wholes = List.of(wholes);
    }

    /**
     * The name in price lists, quotes and stored rows.
     *
     * @return the name, such as {@code cache_read_tokens}
     */
    public String label() {
        return label;
    }

    /**
     * Whether it is a part of two meters. A count of 0 then says something: the two do not overlap.
     *
     * @return true for a joint count, such as that of cached sound
     */
    public boolean isJoint() {
        return wholes.size() > 1;
    }

    /**
     * The reverse of {@link #label()}.
     *
     * @param label a name; null has no meter
     * @return the meter; empty when no meter has this name
     */
    public static Optional<Meter> ofLabel(String label) {
        return label == null ? Optional.empty() : Optional.ofNullable(BY_LABEL.get(label));
    }

    /**
     * The meters of which this one is directly a part.
     *
     * @return the meters; empty for the input, the output and the units
     */
    public List<Meter> wholes() {
        return wholes;
    }

    /**
     * Whether this meter counts units and not tokens.
     *
     * @return true for units, false for tokens
     */
    public boolean isUnit() {
        return this == WEB_SEARCHES || this == REQUESTS || this == SEARCH_UNITS;
    }
}
