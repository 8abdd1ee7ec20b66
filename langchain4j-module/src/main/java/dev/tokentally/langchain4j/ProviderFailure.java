package dev.tokentally.langchain4j;

import com.fasterxml.jackson.core.JacksonException;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnresolvedModelServerException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.tokentally.llm.BilledFailure;
import dev.tokentally.text.CauseChain;
import dev.tokentally.tracking.MaybeBilled;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;

/** Turns an exception of a LangChain4j model into one of ours. */
final class ProviderFailure {

    private ProviderFailure() {}

    /**
     * The provider may charge for an answer that LangChain4j did not use, for example since it asked again. The exception is then
     * that of the last request, and says what is known of the answers.
     */
    static ModelException of(Throwable thrown, KnownUsage asked, RawCall raw) {
        return withAnswers(failure(thrown, asked, raw), asked, raw);
    }

    /** The same failure, which now says what is known of the answers, if the provider may charge for one. */
    static <T extends Throwable> T withAnswers(T failure, KnownUsage asked, RawCall raw) {
        boolean mayBeBilled = raw.isAnswered() || raw.isGivenUp() && !MaybeBilled.is(failure);
        if (mayBeBilled && !(failure instanceof BilledFailure)) {
            failure.addSuppressed(new EarlierAnswer(asked));
        }
        return failure;
    }

    /** LangChain4j's own exception is used first; the wrapped one decides the rest. */
    private static ModelException failure(Throwable thrown, KnownUsage asked, RawCall raw) {
        boolean isOfAnswer = raw.isAnswered() && status(thrown).isEmpty();
        for (Throwable cause : CauseChain.of(thrown)) {
            ModelException known = known(cause, thrown, asked, isOfAnswer);
            if (known != null) {
                return known;
            }
        }
        if (isOfAnswer) {
            return new MalformedAnswerException(
                    "LangChain4j cannot read the provider's answer: "
                            + thrown.getClass().getName(),
                    asked,
                    thrown);
        }
        return new UnexpectedModelException(
                "The model threw " + thrown.getClass().getName(), thrown);
    }

    /**
     * Null if it is not known.
     *
     * @param isOfAnswer whether the provider has answered, so that LangChain4j fails at the answer. It may say {@link
     *     InternalServerException} then, and there is no HTTP status
     */
    private static ModelException known(Throwable failure, Throwable thrown, KnownUsage asked, boolean isOfAnswer) {
        if (BlockedPrompt.is(failure, asked.provider())) {
            return new AnswerFilteredException("The provider does not let the prompt through", asked, thrown);
        }
        if (failure instanceof AuthenticationException) {
            return new KeyRefusedException("The provider refuses the API key" + status(thrown), thrown);
        }
        if (failure instanceof RateLimitException) {
            return new RateLimitedException("The provider takes no more calls for now" + status(thrown), thrown);
        }
        if (failure instanceof TimeoutException) {
            return new ModelTimeoutException(
                    "The model did not answer within its own timeout" + status(thrown), thrown);
        }
        if (failure instanceof ModelNotFoundException) {
            return new UnknownModelException(
                    "The provider knows no such model, or there is nothing at its address" + status(thrown), thrown);
        }
        if (failure instanceof InternalServerException && !isOfAnswer) {
            return new ModelServerErrorException("The provider failed" + status(thrown), thrown);
        }
        if (failure instanceof ContentFilteredException) {
            return new AnswerFilteredException("The model refuses an answer" + status(thrown), asked, thrown);
        }
        if (failure instanceof InvalidRequestException || failure instanceof UnsupportedFeatureException) {
            return new RequestRefusedException("The provider refuses the request" + status(thrown), thrown);
        }
        if (failure instanceof JacksonException) {
            return new MalformedAnswerException("The provider's answer is not the JSON of its protocol", asked, thrown);
        }
        if (failure instanceof InterruptedException) {
            return new CallInterruptedException("The call was interrupted before the model answered", thrown);
        }
        if (failure instanceof UnresolvedModelServerException
                || failure instanceof UnresolvedAddressException
                || failure instanceof IOException) {
            return new ModelUnreachableException(
                    "No connection to the provider: " + failure.getClass().getSimpleName(), thrown);
        }
        return null;
    }

    private static String status(Throwable thrown) {
        for (Throwable cause : CauseChain.of(thrown)) {
            if (cause instanceof HttpException http) {
                return " (HTTP " + http.statusCode() + ")";
            }
        }
        return "";
    }
}
