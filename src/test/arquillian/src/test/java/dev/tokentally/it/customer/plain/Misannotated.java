package dev.tokentally.it.customer.plain;

import dev.tokentally.scope.LlmOperation;
import jakarta.enterprise.context.ApplicationScoped;

/** Has annotations where CDI does not intercept. */
@ApplicationScoped
public class Misannotated implements Summaries {

    @Override
    public String summary() {
        return hidden() + fixed();
    }

    @LlmOperation("private")
    private String hidden() {
        return "";
    }

    @LlmOperation("static")
    static String fixed() {
        return "";
    }
}
