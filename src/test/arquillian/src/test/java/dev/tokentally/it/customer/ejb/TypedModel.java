package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Typed;

/** A model that CDI does not know as a port. So CDI does not decorate it, although its archive lists the decorator. */
@ApplicationScoped
@Typed(TypedModel.class)
public class TypedModel implements LlmPort {

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        return Script.play(request, "typed");
    }
}
