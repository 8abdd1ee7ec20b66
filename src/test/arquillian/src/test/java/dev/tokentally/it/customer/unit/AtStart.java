package dev.tokentally.it.customer.unit;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.CallScope;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.inject.Inject;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Makes the application's first call while the application starts, on a thread that the server does not know. */
@Singleton
@Startup
public class AtStart {

    /** The tenant of the call. */
    public static final String TENANT = "at start";

    @Inject
    @Noting
    LlmPort llm;

    @Inject
    CallScope scopes;

    @PostConstruct
    void call() {
        ClassLoader loader = getClass().getClassLoader();
        Executor unmanaged = task -> {
            Thread thread = new Thread(task);
            thread.setContextClassLoader(loader);
            thread.start();
        };
        CompletableFuture.runAsync(this::ask, unmanaged).join();
    }

    private void ask() {
        try (CallScope.Handle scope = scopes.enter(TENANT, "warm up")) {
            llm.complete(LlmRequest.of("", "hello", "", String.class));
        }
    }
}
