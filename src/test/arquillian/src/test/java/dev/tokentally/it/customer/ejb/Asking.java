package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.UUID;

/** Asks a model whose name is the id of the request, so that the row shows for which request the call was made. */
@ApplicationScoped
public class Asking {

    @Inject
    @InEjbModule
    LlmPort model;

    /** Asks once, in the current scope. */
    public String ask(UUID onBehalfOf) {
        return model.complete(LlmRequest.of("", Script.MODEL + onBehalfOf, "", String.class))
                .content();
    }
}
