package dev.tokentally.it.customer.web;

import dev.tokentally.it.customer.ejb.Asking;
import dev.tokentally.scope.CallContext;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.LlmOperation;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.faulttolerance.Asynchronous;

/** Methods that return before their work is done. The work waits until the test lets it go on. */
@ApplicationScoped
@LlmOperation("async class")
public class AsyncWork {

    private final Semaphore letGo = new Semaphore(0);

    @Inject
    CallScope scopes;

    @Inject
    CallContext context;

    @Inject
    Asking asking;

    @Resource
    ManagedExecutorService managed;

    /** A snapshot takes its scope along. */
    @LlmOperation("captured")
    public CompletableFuture<UUID> captured() {
        return CompletableFuture.supplyAsync(this::ask, scopes.capture().wrap(managed));
    }

    /** Fault Tolerance runs it on another thread. */
    @Asynchronous
    public CompletionStage<UUID> faultTolerance() {
        return CompletableFuture.completedFuture(ask());
    }

    private UUID ask() {
        letGo.acquireUninterruptibly();
        asking.ask(context.callId());
        return context.callId();
    }

    void letGo() {
        letGo.release();
    }
}
