package dev.tokentally.it.customer.plain;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.LlmOperation;
import jakarta.ejb.Stateless;
import jakarta.inject.Inject;

/** A session bean, without which servers refuse its archive as an EJB module. It asks where nobody sees it. */
@Stateless
public class PlainService {

    @Inject
    @Unlisted
    LlmPort model;

    /** Enters a scope that no call is seen in. */
    @LlmOperation("unseen")
    public String unseen() {
        return model.complete(LlmRequest.of("", "ok", "", String.class)).content();
    }
}
