package dev.tokentally.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A port over any {@code ChatModel} of LangChain4j. An application makes a bean of it in an archive whose {@code beans.xml}
 * lists {@code dev.tokentally.tracking.TrackingLlmDecorator}, as a decorator works for the beans of such an archive alone:
 *
 * <pre>{@code
 * @ApplicationScoped
 * public class Llm extends LangChain4jLlmPort {
 *     protected Llm() {} // for the proxy
 *
 *     @Inject
 *     public Llm(ChatModel model) {
 *         super(model);
 *     }
 * }
 * }</pre>
 *
 * <p>An answer is text ({@code String.class}) or a record. A model that takes a JSON schema is given that of the record;
 * any other is told it in the system message. Either way the answer must be it: a field that is missing, null, unknown or of
 * another type is a {@link SchemaViolationException}. A record's components are text, {@code boolean}, {@code int}, {@code
 * long}, {@code double}, their wrappers, {@code BigInteger}, {@code BigDecimal}, enums, other records, arrays, {@code
 * List}, {@code Set} and {@code Collection} of these, or {@code Optional} for what may be left away; LangChain4j's
 * {@code @Description} says what they mean.
 *
 * <p>The request's timeout is kept, whatever the model's own is: the model is asked on a managed thread, in the same call
 * scope, without the caller's transaction. When the time is over, that thread is interrupted, which ends the request of
 * the JDK's HTTP client. A model that does not listen keeps the thread until it answers; the answer is then dropped, the
 * log says that it came, and while 100 such threads are left no new call is made. A request without a timeout is asked on
 * the caller's thread. A longer timeout than the model's own does not make the model wait longer.
 *
 * <p>Safe for use by many threads, if the model is.
 */
public class LangChain4jLlmPort implements LlmPort {

    private final ChatModel model;
    private final String provider;

    /**
     * Injected into the field, so that a bean of this has a constructor with the model alone; a port that is no bean keeps
     * threads that the server does not manage. Private, so that WildFly's proxy of a bean in another module does not name a
     * type that it cannot see.
     */
    @Inject
    private ModelThreads threads = new ModelThreads();

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected LangChain4jLlmPort() {
        this(null);
    }

    /**
     * Over a model.
     *
     * @param model what to ask. Its own retries are to be off ({@code maxRetries(0)}), as they are made where no record
     *     sees them
     */
    public LangChain4jLlmPort(ChatModel model) {
        this(model, null);
    }

    /**
     * Over a model whose provider LangChain4j does not know, such as one that speaks OpenAI's protocol.
     *
     * @param model what to ask
     * @param provider what to record, as OpenTelemetry's {@code gen_ai.provider.name} spells it; empty when unknown, null
     *     for what the model says
     */
    public LangChain4jLlmPort(ChatModel model, String provider) {
        this.model = model;
        this.provider = provider;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the request cannot be made of this: its user message is blank, its timeout not
     *     positive, or its type neither {@code String} nor a record that can be asked for
     * @throws ModelException when the call fails
     */
    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        if (request.timeout() != null
                && (request.timeout().isNegative() || request.timeout().isZero())) {
            throw new IllegalArgumentException("timeout must be positive, found " + request.timeout());
        }
        AnswerForm<T> form = AnswerForm.of(request.responseType());
        Bill asked = Bill.asked(model, provider);
        ChatResponse response = answer(question(request, form), request.timeout(), asked);
        Bill bill = asked.answered(response);
        return new LlmResponse<>(
                form.read(text(response, bill), bill), bill.provider(), bill.model(), bill.tokens(), null);
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

    private ChatResponse answer(ChatRequest question, Duration timeout, Bill asked) {
        try {
            return timeout == null ? model.chat(question) : threads.ask(() -> model.chat(question), timeout);
        } catch (TimeoutException over) {
            throw new ModelTimeoutException("The model did not answer within " + timeout.toMillis() + " ms", null);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CallInterruptedException("The call was interrupted before the model answered", interrupted);
        } catch (ExecutionException thrown) {
            if (thrown.getCause() instanceof Error error) {
                throw error;
            }
            throw ProviderFailure.of(thrown.getCause(), asked);
        } catch (ModelException ours) {
            throw ours;
        } catch (RuntimeException thrown) {
            throw ProviderFailure.of(thrown, asked);
        }
    }

    private static String text(ChatResponse response, Bill bill) {
        FinishReason end = response == null ? null : response.finishReason();
        if (end == FinishReason.LENGTH) {
            throw new AnswerCutException("The model's answer was cut at its limit of output tokens", bill, null);
        }
        if (end == FinishReason.CONTENT_FILTER) {
            throw new AnswerFilteredException("The provider's content filter withheld the answer", bill, null);
        }
        if (response == null || response.aiMessage().text() == null) {
            throw new EmptyAnswerException("The model's answer has no text", bill, null);
        }
        return response.aiMessage().text();
    }
}
