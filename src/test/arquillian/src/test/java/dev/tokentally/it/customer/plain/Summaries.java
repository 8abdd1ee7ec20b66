package dev.tokentally.it.customer.plain;

import dev.tokentally.scope.LlmOperation;

/** Its annotation has no effect, because a class does not inherit it. */
public interface Summaries {

    /** Does nothing. */
    @LlmOperation("of the interface")
    String summary();
}
