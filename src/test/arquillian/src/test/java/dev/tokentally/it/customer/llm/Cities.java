package dev.tokentally.it.customer.llm;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import jakarta.ejb.Stateless;
import jakarta.inject.Inject;
import java.time.Duration;

/** The customer's use of its model. */
@Stateless
public class Cities {

    @Inject
    LlmPort llm;

    @Inject
    @Plain
    LlmPort plain;

    /** Asks the model without a listener. */
    public String askPlain() {
        return plain.complete(LlmRequest.of("You are brief.", "hello", null, String.class))
                .content();
    }

    /** Asks for a city, within the time that the caller has. */
    public City ask(String question, Duration timeout) {
        return llm.complete(LlmRequest.of("You know cities.", question, null, City.class)
                        .withTimeout(timeout))
                .content();
    }
}
