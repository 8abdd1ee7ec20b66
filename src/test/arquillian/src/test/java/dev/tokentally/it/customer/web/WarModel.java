package dev.tokentally.it.customer.web;

import dev.tokentally.it.customer.ejb.Script;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import jakarta.enterprise.context.ApplicationScoped;

/** A model in the WAR. */
@InWar
@ApplicationScoped
public class WarModel implements LlmPort {

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        return Script.play(request, "war");
    }
}
