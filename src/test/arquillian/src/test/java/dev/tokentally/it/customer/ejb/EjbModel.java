package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import jakarta.enterprise.context.ApplicationScoped;

/** A model in the EJB module, behind a qualifier. */
@InEjbModule
@ApplicationScoped
public class EjbModel implements LlmPort {

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        return Script.play(request, "ejb");
    }
}
