package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import jakarta.inject.Inject;
import java.util.concurrent.atomic.AtomicInteger;

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
 * log says that it came, and a port with 100 such threads makes no new call until one ends. A request without a timeout is asked on
 * the caller's thread. A longer timeout than the model's own does not make the model wait longer.
 *
 * <p>Safe for use by many threads, if the model is.
 */
public class LangChain4jLlmPort implements LlmPort {

    // No method here, also no private one, may name a type of this package that is not public: Weld makes proxies and
    // decorated subclasses in the package of the application's bean, and they name the types of all methods.

    private final ChatModel model;
    private final String provider;
    private final AtomicInteger late = new AtomicInteger();

    /**
     * Injected into the field, so that a bean of this has a constructor with the model alone; a port that is no bean keeps
     * threads that the server does not manage.
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
        return new ModelCall(model, provider, threads, late).complete(request);
    }
}
