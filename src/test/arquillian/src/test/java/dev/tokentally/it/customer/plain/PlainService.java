package dev.tokentally.it.customer.plain;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.LlmOperation;
import jakarta.ejb.Stateless;
import jakarta.inject.Inject;

/** A session bean, because servers refuse an EJB module without one. Nothing records the calls that it makes. */
@Stateless
public class PlainService {

    @Inject
    @Unlisted
    LlmPort model;

    /** Enters a scope in which no call is seen. */
    @LlmOperation("unseen")
    public String unseen() {
        return model.complete(LlmRequest.of("", "ok", "", String.class)).content();
    }
}
