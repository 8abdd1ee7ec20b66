package dev.tokentally.langchain4j;

import dev.tokentally.llm.BilledFailure;
import dev.tokentally.llm.TokenUsage;

/**
 * The model answered, and the provider charges for it, but the answer cannot be used. Another try may succeed, and costs again.
 */
public abstract sealed class UnusableAnswerException extends ModelException implements BilledFailure
        permits MalformedAnswerException,
                SchemaViolationException,
                AnswerCutException,
                AnswerFilteredException,
                EmptyAnswerException,
                EarlierAnswer {

    private static final long serialVersionUID = 1L;

    private final transient KnownUsage known;

    UnusableAnswerException(String message, KnownUsage known, Throwable cause) {
        super(message, cause);
        this.known = known;
    }

    @Override
    public final String provider() {
        return known.provider();
    }

    @Override
    public final String model() {
        return known.model();
    }

    @Override
    public final TokenUsage tokens() {
        return known.used().tokens();
    }

    /** Null if the provider does not give the cost in its answer; few do. */
    @Override
    public final Double costUsd() {
        return known.used().costUsd();
    }

    @Override
    public final String serviceTier() {
        return known.used().serviceTier();
    }

    @Override
    public final String requestedModel() {
        return known.requestedModel();
    }

    @Override
    public final String responseId() {
        return known.responseId();
    }
}
