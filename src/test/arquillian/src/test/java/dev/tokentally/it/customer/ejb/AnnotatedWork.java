package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.CallContext;
import dev.tokentally.scope.LlmOperation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.UUID;

/** A customer's service. Annotations enter its scopes, for the tenant that the application's resolver names. */
@ApplicationScoped
public class AnnotatedWork {

    @Inject
    @InEjbModule
    LlmPort model;

    @Inject
    CallContext context;

    /** Asks the model. */
    @LlmOperation("annotated")
    public UUID annotated() {
        model.complete(LlmRequest.of("", "ok", "", String.class));
        return context.callId();
    }
}
