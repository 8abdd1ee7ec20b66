package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import jakarta.ejb.Local;
import jakarta.ejb.Stateless;

/** A model that is a session bean. */
@Stateless
@Local(LlmPort.class)
public class SessionModel implements LlmPort {

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        return Script.play(request, "session");
    }
}
