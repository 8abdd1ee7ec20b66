package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import jakarta.inject.Inject;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A port over any {@code ChatModel} of LangChain4j. An application makes a bean of it in an archive whose {@code beans.xml} lists
 * {@code dev.tokentally.tracking.TrackingLlmDecorator}, since a decorator applies only to the beans of such an archive:
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
 * <p>An answer is text ({@code String.class}) or a record. A model that accepts a JSON schema gets the schema of the record. Any
 * other model gets it in the system message. In both cases the answer must follow it: a field that is missing, null, unknown or of
 * another type is a {@link SchemaViolationException}. A record's components are text, {@code boolean}, {@code int}, {@code long},
 * {@code double}, their wrappers, {@code BigInteger}, {@code BigDecimal}, enums, other records, arrays, {@code List}, {@code Set}
 * and {@code Collection} of these, or {@code Optional} for values that may be missing. LangChain4j's {@code @Description} says what
 * they mean.
 *
 * <p>The request's timeout applies, whatever the timeout of the model is. The model is asked on a managed thread, in the same call
 * scope, without the caller's transaction. When the time is over, that thread is interrupted, which ends the request of the JDK's
 * HTTP client. A model that ignores the interrupt keeps the thread until it answers. The answer is then dropped, and the log says
 * that it came. A port with 100 such threads makes no new call until one of them ends. A request without a timeout is asked on the
 * caller's thread. A longer timeout than the model's own does not make the model wait longer.
 *
 * <p>Safe for use by many threads, if the model is. It is not serializable. So give its bean no scope whose beans a server may write
 * to the disk, such as {@code @SessionScoped}: the bean would lose its model.
 */
public class LangChain4jLlmPort implements LlmPort {

    // No method here, not even a private one, may have a type of this package that is not public. Weld makes proxies
    // and decorated subclasses in the package of the application's bean, and these use the types of all methods.

    private final ChatModel model;
    private final String provider;
    private final AtomicInteger late = new AtomicInteger();

    /**
     * It is injected into the field, so that the constructor of a bean needs only the model. A port that is no bean keeps threads
     * that the server does not manage.
     */
    @Inject
    private ModelThreads threads = new ModelThreads();

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected LangChain4jLlmPort() {
        this(null);
    }

    /**
     * Makes a port over a model.
     *
     * @param model the model to ask. Turn its own retries off ({@code maxRetries(0)}), since they would be made without a record of each
     */
    public LangChain4jLlmPort(ChatModel model) {
        this(model, null);
    }

    /**
     * Over a model whose provider LangChain4j does not know, such as one that speaks OpenAI's protocol.
     *
     * @param model the model to ask
     * @param provider the provider to record, as OpenTelemetry's {@code gen_ai.provider.name} spells it; empty when unknown, null
     *     for what the model says
     */
    public LangChain4jLlmPort(ChatModel model, String provider) {
        this.model = model;
        this.provider = provider;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the request is not possible: its user message is blank, its timeout is not positive, or
     *     its type is neither {@code String} nor a record that a schema can describe
     * @throws ModelException when the call fails
     */
    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        return new ModelCall(model, provider, threads, late).complete(request);
    }
}
