package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.BilledFailure;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;

/** Makes a model do what the request's message says. */
public final class Script {

    /** The start of a message that names the model that is to answer. */
    public static final String MODEL = "model=";

    private Script() {}

    /** Answers as a right or a faulty adapter would, or throws. */
    public static <T> LlmResponse<T> play(LlmRequest<T> request, String provider) {
        T answer = request.responseType().cast("answer");
        TokenUsage tokens = new TokenUsage(100, 40, 60, 10, 30);
        if (request.userMessage().startsWith(MODEL)) {
            return new LlmResponse<>(answer, provider, request.userMessage().substring(MODEL.length()), tokens, 0.25);
        }
        return switch (request.userMessage()) {
            case "throw" -> throw new IllegalStateException("the message of a failure");
            case "throw-error" -> throw new StackOverflowError();
            case "throw-anonymous" ->
                throw new IllegalArgumentException() {
                    private static final long serialVersionUID = 1L;
                };
            case "throw-long-name" ->
                throw new AnExceptionWhoseNameIsLongerThanItsColumnInTheTableAsItHasTwoHundredCharactersAndNobodyWouldEverWriteSuchANameByHandButGeneratorsDoAndThenTheRecordMustNotBeLostForItSoItIsCutAtItsHundredAndTwentyEighthOne();
            case "throw-billed" -> throw new Billed();
            case "null-response" -> null;
            case "null-parts" -> new LlmResponse<>(answer, null, null, null, null);
            case "negative-tokens" -> new LlmResponse<>(answer, provider, "m", new TokenUsage(-1, -2, -3, -4, -5), 0.5);
            case "parts-too-large" -> new LlmResponse<>(answer, provider, "m", new TokenUsage(10, 20, 11, 12, 21), 0.5);
            case "long-model" -> new LlmResponse<>(answer, "p".repeat(100), "m".repeat(1000), tokens, 0.5);
            case "broken-model" -> new LlmResponse<>(answer, provider, "a\u0000b\ud83e", tokens, 0.5);
            case "cost-nan" -> new LlmResponse<>(answer, provider, "m", tokens, Double.NaN);
            case "cost-infinite" -> new LlmResponse<>(answer, provider, "m", tokens, Double.POSITIVE_INFINITY);
            case "cost-negative" -> new LlmResponse<>(answer, provider, "m", tokens, -1.0);
            case "cost-huge" -> new LlmResponse<>(answer, provider, "m", tokens, 1e300);
            case "cost-null" -> new LlmResponse<>(answer, provider, "m", tokens, null);
            case "interrupt" -> {
                Thread.currentThread().interrupt();
                yield new LlmResponse<>(answer, provider, "m", tokens, 0.5);
            }
            default -> new LlmResponse<>(answer, provider, "m", tokens, 0.25);
        };
    }

    private static final class Billed extends RuntimeException implements BilledFailure {
        private static final long serialVersionUID = 1L;

        @Override
        public String provider() {
            return "openai";
        }

        @Override
        public String model() {
            return "gpt-4o";
        }

        @Override
        public TokenUsage tokens() {
            return TokenUsage.of(50, 5);
        }

        @Override
        public Double costUsd() {
            return 0.75;
        }
    }

    private static final
    class AnExceptionWhoseNameIsLongerThanItsColumnInTheTableAsItHasTwoHundredCharactersAndNobodyWouldEverWriteSuchANameByHandButGeneratorsDoAndThenTheRecordMustNotBeLostForItSoItIsCutAtItsHundredAndTwentyEighthOne
            extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
