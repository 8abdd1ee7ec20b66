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
                EmptyAnswerException {

    private static final long serialVersionUID = 1L;

    private final transient Bill bill;

    UnusableAnswerException(String message, Bill bill, Throwable cause) {
        super(message, cause);
        this.bill = bill;
    }

    @Override
    public final String provider() {
        return bill.provider();
    }

    @Override
    public final String model() {
        return bill.model();
    }

    @Override
    public final TokenUsage tokens() {
        return bill.used().tokens();
    }

    /** Null if the provider does not give the cost in its answer; few do. */
    @Override
    public final Double costUsd() {
        return bill.used().costUsd();
    }

    @Override
    public final String serviceTier() {
        return bill.used().serviceTier();
    }

    @Override
    public final String requestedModel() {
        return bill.requestedModel();
    }

    @Override
    public final String responseId() {
        return bill.responseId();
    }
}
