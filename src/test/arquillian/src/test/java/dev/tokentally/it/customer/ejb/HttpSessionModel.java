package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import jakarta.enterprise.context.SessionScoped;
import java.io.Serializable;

/** A model whose bean a server may write to the disk. So CDI requires that its decorators can be written, too. */
@InHttpSession
@SessionScoped
public class HttpSessionModel implements LlmPort, Serializable {

    private static final long serialVersionUID = 1L;

    /** This bean with its decorators, after the server has written and read it. */
    public LlmPort written() {
        return Written.andRead(this);
    }

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        return Script.play(request, "http-session");
    }
}
