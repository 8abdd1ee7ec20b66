package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.UUID;

/** Asks a model that is named after the request on whose behalf it is asked: the row then tells whose call it was. */
@ApplicationScoped
public class Asking {

    @Inject
    @InEjbModule
    LlmPort model;

    /** Asks once, in whichever scope is entered. */
    public String ask(UUID onBehalfOf) {
        return model.complete(LlmRequest.of("", Script.MODEL + onBehalfOf, "", String.class))
                .content();
    }
}
