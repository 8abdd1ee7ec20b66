package dev.tokentally.scope;

import java.util.concurrent.Flow;

/**
 * A publisher that is subscribed to, asked for more and cancelled in a scope. The subscriber keeps its own scope, since its work on
 * an item is not part of the method that returned the publisher.
 */
record ScopedPublisher<T>(Flow.Publisher<T> publisher, LaterScope scope) implements Flow.Publisher<T> {

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        // The publisher itself refuses null.
        Flow.Subscriber<? super T> scoped =
                subscriber == null ? null : new ScopedSubscriber<T>(subscriber, scope, scope.outside());
        try (CallScope.Handle entered = scope.enter()) {
            publisher.subscribe(scoped);
        }
    }

    private record ScopedSubscriber<T>(Flow.Subscriber<? super T> subscriber, LaterScope scope, Scope own)
            implements Flow.Subscriber<T> {

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            try (CallScope.Handle left = scope.leaveFor(own)) {
                subscriber.onSubscribe(subscription == null ? null : new ScopedSubscription(subscription, scope));
            }
        }

        @Override
        public void onNext(T item) {
            try (CallScope.Handle left = scope.leaveFor(own)) {
                subscriber.onNext(item);
            }
        }

        @Override
        public void onError(Throwable failure) {
            try (CallScope.Handle left = scope.leaveFor(own)) {
                subscriber.onError(failure);
            }
        }

        @Override
        public void onComplete() {
            try (CallScope.Handle left = scope.leaveFor(own)) {
                subscriber.onComplete();
            }
        }
    }

    private record ScopedSubscription(Flow.Subscription subscription, LaterScope scope) implements Flow.Subscription {

        @Override
        public void request(long items) {
            try (CallScope.Handle entered = scope.enter()) {
                subscription.request(items);
            }
        }

        @Override
        public void cancel() {
            try (CallScope.Handle entered = scope.enter()) {
                subscription.cancel();
            }
        }
    }
}
