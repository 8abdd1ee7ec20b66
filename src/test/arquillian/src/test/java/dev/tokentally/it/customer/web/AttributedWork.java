package dev.tokentally.it.customer.web;

import dev.tokentally.it.customer.ejb.Asking;
import dev.tokentally.scope.LlmOperation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.faulttolerance.Asynchronous;

/** Asks in scopes that annotations enter: at once, on a thread of Fault Tolerance, and when the caller begins to read. */
@ApplicationScoped
@LlmOperation("attributed")
public class AttributedWork {

    @Inject
    Asking asking;

    public String ask(UUID call) {
        return asking.ask(call);
    }

    @Asynchronous
    public CompletionStage<String> later(UUID call) {
        return CompletableFuture.completedFuture(asking.ask(call));
    }

    /** Makes one call at the subscription, and one for each item. */
    public Flow.Publisher<String> stream(UUID call) {
        return subscriber -> {
            asking.ask(call);
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long items) {
                    subscriber.onNext(asking.ask(call));
                    subscriber.onComplete();
                }

                @Override
                public void cancel() {
                    // There is nothing left to do.
                }
            });
        };
    }
}
