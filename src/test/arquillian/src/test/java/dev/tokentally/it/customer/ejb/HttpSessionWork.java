package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.CallContext;
import dev.tokentally.scope.LlmOperation;
import jakarta.enterprise.context.SessionScoped;
import jakarta.inject.Inject;
import java.io.Serializable;
import java.util.UUID;

/** A service whose bean a server may write to the disk. So CDI requires that its interceptors can be written, too. */
@SessionScoped
public class HttpSessionWork implements Serializable {

    private static final long serialVersionUID = 1L;

    // CDI's proxies are serializable.
    @Inject
    @InEjbModule
    @SuppressWarnings("serial")
    LlmPort model;

    @Inject
    @SuppressWarnings("serial")
    CallContext context;

    /** This bean with its interceptors, after the server has written and read it. */
    public HttpSessionWork written() {
        return Written.andRead(this);
    }

    /** Asks the model. */
    @LlmOperation("annotated")
    public UUID annotated() {
        model.complete(LlmRequest.of("", "ok", "", String.class));
        return context.callId();
    }
}
