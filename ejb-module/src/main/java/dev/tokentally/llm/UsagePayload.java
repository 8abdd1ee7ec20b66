package dev.tokentally.llm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a call used, read from the JSON in which its provider says so. An adapter of your own needs one line:
 *
 * <pre>{@code
 * UsagePayload used = UsagePayload.read("openai", json);
 * return new LlmResponse<>(content, "openai", model, used.tokens(), used.costUsd()).withServiceTier(used.serviceTier());
 * }</pre>
 *
 * <p>It knows the usage objects of OpenAI (chat, responses, embeddings, images, realtime) and of the many compatible
 * servers, and those of Anthropic, Bedrock, Cohere, Gemini, Vertex and Ollama. It also takes the whole answer that
 * contains one. It goes by the names and the numbers in the object. Only if these do not decide, it goes by the
 * provider, since one provider counts differently in its several APIs. {@link #read} never throws, whatever the text
 * is: what it cannot read, or what is impossible, becomes a doubt of the usage and a note. Immutable.
 */
public final class UsagePayload {

    private final TokenUsage tokens;
    private final String serviceTier;
    private final Double costUsd;
    private final String searchContextSize;
    private final List<String> notes;
    private final String problem;

    private UsagePayload(
            TokenUsage tokens,
            String serviceTier,
            Double costUsd,
            String searchContextSize,
            List<String> notes,
            String problem) {
        this.tokens = tokens;
        this.serviceTier = serviceTier;
        this.costUsd = costUsd;
        this.searchContextSize = searchContextSize;
        this.notes = List.copyOf(notes);
        this.problem = problem;
    }

    /**
     * Reads a usage object, or the answer that contains one. Never throws.
     *
     * @param provider who answered, in any spelling; null or empty when unknown
     * @param json the object; null, or anything but a JSON object, leads to a {@link #problem()}
     * @return what it says
     */
    public static UsagePayload read(String provider, String json) {
        try {
            return new UsageReading(provider == null ? "" : provider, UsageObject.parse(json)).payload();
        } catch (IllegalArgumentException none) {
            return new UsagePayload(
                    TokenUsage.of(0, 0).with(UsageDoubt.INPUT_UNKNOWN).with(UsageDoubt.OUTPUT_UNKNOWN),
                    "",
                    null,
                    "",
                    List.of(none.getMessage()),
                    none.getMessage());
        }
    }

    /**
     * Whether a usage object names a count of the output, which may be 0 or null. Usage objects of embeddings have no such
     * name.
     *
     * @param json the object; not null
     * @return whether one of the names is in the text
     */
    public static boolean namesOutput(String json) {
        return UsageFields.OUTPUT_NAME.matcher(json).find();
    }

    static UsagePayload of(
            TokenUsage told, String serviceTier, Double costUsd, String searchContextSize, List<String> notes) {
        List<String> all = new ArrayList<>(notes);
        return new UsagePayload(told.putRight(all::add), serviceTier, costUsd, searchContextSize, all, null);
    }

    /**
     * What was used.
     *
     * @return the counts, with the doubts about them; never null
     */
    public TokenUsage tokens() {
        return tokens;
    }

    /**
     * The tier in which the provider served the call.
     *
     * @return the name, such as {@code standard} or {@code flex}; empty when the object does not say it
     */
    public String serviceTier() {
        return serviceTier;
    }

    /**
     * What the call costs, according to the provider. Only OpenRouter, Perplexity and xAI say it. It is found whichever
     * provider is named, since their answers may come through a client of OpenAI.
     *
     * @return US dollars; null when it says nothing
     */
    public Double costUsd() {
        return costUsd;
    }

    /**
     * How much context a web search took into account. The price of the search may depend on it.
     *
     * @return {@code low}, {@code medium} or {@code high}; empty when the object does not say it, or says something else
     */
    public String searchContextSize() {
        return searchContextSize;
    }

    /**
     * What is in doubt about the counts, as text for people.
     *
     * @return the notes, without line breaks; unmodifiable
     */
    public List<String> notes() {
        return notes;
    }

    /**
     * Why the text could not be read at all.
     *
     * @return the reason; empty when it was read
     */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }
}
