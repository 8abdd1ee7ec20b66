package dev.tokentally.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a model is asked: the question, the waiting and the answer.
 *
 * @param provider who runs it; null for what the model says
 * @param late how many threads wait for it although nobody waits for them
 */
record ModelCall(ChatModel model, String provider, ModelThreads threads, AtomicInteger late) {

    <T> LlmResponse<T> complete(LlmRequest<T> request) {
        if (request.timeout() != null
                && (request.timeout().isNegative() || request.timeout().isZero())) {
            throw new IllegalArgumentException("timeout must be positive, found " + request.timeout());
        }
        AnswerForm<T> form = AnswerForm.of(request.responseType());
        KnownUsage asked = KnownUsage.asked(model, provider);
        RawCall raw = new RawCall();
        ChatResponse response = answer(question(request, form), request.timeout(), asked, raw);
        KnownUsage known = asked.answered(response, raw);
        return new LlmResponse<>(
                        form.read(text(response, known), known),
                        known.provider(),
                        known.model(),
                        known.used().tokens(),
                        known.used().costUsd())
                .withServiceTier(known.used().serviceTier())
                .withRequestedModel(known.requestedModel())
                .withResponseId(known.responseId());
    }

    private ChatRequest question(LlmRequest<?> request, AnswerForm<?> form) {
        if (request.userMessage() == null || request.userMessage().isBlank()) {
            throw new IllegalArgumentException("userMessage must not be blank");
        }
        boolean takesSchema = model.supportedCapabilities().contains(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
        List<ChatMessage> messages = new ArrayList<>();
        String system = system(request.systemMessage(), takesSchema ? Optional.empty() : form.instruction());
        if (!system.isEmpty()) {
            messages.add(SystemMessage.from(system));
        }
        messages.add(UserMessage.from(request.userMessage()));
        ChatRequest.Builder question = ChatRequest.builder().messages(messages);
        if (takesSchema) {
            form.format().ifPresent(question::responseFormat);
        }
        return question.build();
    }

    private static String system(String message, Optional<String> instruction) {
        return Stream.concat(Stream.ofNullable(message), instruction.stream())
                .filter(part -> !part.isBlank())
                .collect(Collectors.joining("\n\n"));
    }

    private ChatResponse answer(ChatRequest question, Duration timeout, KnownUsage asked, RawCall raw) {
        try {
            return timeout == null ? ask(question, raw) : threads.ask(() -> ask(question, raw), timeout, late);
        } catch (TimeoutException over) {
            throw new ModelTimeoutException("The model did not answer within " + timeout.toMillis() + " ms", null);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("The call was interrupted before the model answered", interrupted);
        } catch (ExecutionException thrown) {
            if (thrown.getCause() instanceof Error error) {
                throw ProviderFailure.withAnswers(error, asked.failed(raw), raw);
            }
            throw ProviderFailure.of(thrown.getCause(), asked.failed(raw), raw);
        } catch (ModelException ours) {
            throw ours;
        } catch (RuntimeException thrown) {
            throw ProviderFailure.of(thrown, asked.failed(raw), raw);
        } catch (Error error) {
            throw ProviderFailure.withAnswers(error, asked.failed(raw), raw);
        }
    }

    /** On whichever thread the model is asked. */
    private ChatResponse ask(ChatRequest question, RawCall raw) {
        raw.enter();
        try {
            Guarded.said("the form of its question", () -> {
                raw.sends(question, model.defaultRequestParameters());
                return null;
            });
            return model.chat(question);
        } finally {
            raw.end();
        }
    }

    private static String text(ChatResponse response, KnownUsage known) {
        FinishReason end = response == null ? null : response.finishReason();
        if (end == FinishReason.LENGTH) {
            throw new AnswerCutException("The model's answer was cut at its limit of output tokens", known, null);
        }
        if (end == FinishReason.CONTENT_FILTER) {
            throw new AnswerFilteredException("The provider's content filter withheld the answer", known, null);
        }
        if (response == null || response.aiMessage().text() == null) {
            throw new EmptyAnswerException("The model's answer has no text", known, null);
        }
        return response.aiMessage().text();
    }
}
