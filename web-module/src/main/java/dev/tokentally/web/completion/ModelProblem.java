package dev.tokentally.web.completion;

import dev.tokentally.config.Setting;
import dev.tokentally.langchain4j.AnswerCutException;
import dev.tokentally.langchain4j.KeyRefusedException;
import dev.tokentally.langchain4j.ModelException;
import dev.tokentally.langchain4j.ModelServerErrorException;
import dev.tokentally.langchain4j.ModelTimeoutException;
import dev.tokentally.langchain4j.ModelUnreachableException;
import dev.tokentally.langchain4j.RateLimitedException;
import dev.tokentally.langchain4j.RequestRefusedException;
import dev.tokentally.langchain4j.UnknownModelException;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;

/**
 * Tells a client why the model did not answer, and what to do about it. Only our own exceptions are quoted. Others may contain the
 * prompt or the provider's secrets.
 */
final class ModelProblem {

    private static final String UNKNOWN = "The model did not answer.";

    private ModelProblem() {}

    static ProblemException of(Throwable failure) {
        return new ProblemException(ProblemKind.MODEL_FAILED, detail(failure));
    }

    private static String detail(Throwable failure) {
        return failure instanceof ModelException ours ? ours.getMessage() + ". " + advice(ours) : UNKNOWN;
    }

    private static String advice(ModelException failure) {
        if (failure instanceof KeyRefusedException) {
            return check(Setting.LLM_API_KEY.key());
        }
        if (failure instanceof UnknownModelException) {
            return check(Setting.LLM_MODEL.key() + " and " + Setting.LLM_BASE_URL.key());
        }
        if (failure instanceof ModelUnreachableException) {
            return check(Setting.LLM_BASE_URL.key() + ", and whether the provider is up");
        }
        if (failure instanceof ModelTimeoutException) {
            return "Try again or ask for less; whoever runs this server may raise " + Setting.LLM_TIMEOUT.key() + ".";
        }
        if (failure instanceof RateLimitedException) {
            return "Try again later; whoever runs this server may raise the quota at the provider.";
        }
        if (failure instanceof ModelServerErrorException) {
            return "Try again later.";
        }
        if (failure instanceof RequestRefusedException) {
            return "It may be too long for the model, or " + Setting.LLM_MODEL.key()
                    + " names a model of another kind.";
        }
        return failure instanceof AnswerCutException ? "Ask for less." : "Try again, or ask otherwise.";
    }

    private static String check(String what) {
        return "Whoever runs this server should check " + what + ".";
    }
}
