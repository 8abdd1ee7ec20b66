package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.interceptor.InvocationContext;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A result that an @LlmOperation method returns before its work begins")
class LazyResultTest {

    private final ScopePerThread scopes = new ScopePerThread();
    private final Scope left = new Scope("acme", "chat", UUID.randomUUID());
    private final Scope own = new Scope("acme", "read", UUID.randomUUID());
    private final List<String> asked = new ArrayList<>();

    /** The return types of methods. */
    interface Returning {

        Flow.Publisher<String> publisher();

        Multi<String> multi();

        Uni<String> uni();

        SubmissionPublisher<String> aClass();

        Object anything();

        String text();

        CompletionStage<String> stage();
    }

    @Test
    @DisplayName("runs its subscription, requests and cancellation in the method's scope")
    void publisher() {
        Flow.Publisher<String> publisher = scoped("publisher", questions());

        Subscriber subscriber = new Subscriber();
        publisher.subscribe(subscriber);
        subscriber.subscription.request(1);
        subscriber.subscription.cancel();

        assertThat(asked).containsExactly("subscribe in chat", "request in chat", "cancel in chat");
        assertThat(scopes.here()).isNull();
    }

    @Test
    @DisplayName("leaves its subscriber in the subscriber's own scope")
    void subscriber() {
        Flow.Publisher<String> publisher = scoped("publisher", questions());

        Subscriber inNone = new Subscriber();
        publisher.subscribe(inNone);
        inNone.subscription.request(1);
        Subscriber inItsOwn = new Subscriber();
        try (CallScope.Handle scope = scopes.enter(own)) {
            publisher.subscribe(inItsOwn);
            inItsOwn.subscription.request(1);
            assertThat(scopes.here()).isEqualTo(own);
        }

        assertThat(inNone.told).containsExactly("subscribed in none", "item in none", "complete in none");
        assertThat(inItsOwn.told).containsExactly("subscribed in read", "item in read", "complete in read");
    }

    @Test
    @DisplayName("leaves its subscriber in the subscriber's own scope even during a call")
    void underWay() {
        Subscriber subscriber = new Subscriber();
        scoped("publisher", (Flow.Publisher<String>) downstream -> {
                    try (CallScope.Handle call = scopes.enter(left.withCall(kind -> {}))) {
                        downstream.onError(new IllegalStateException());
                    }
                })
                .subscribe(subscriber);

        assertThat(subscriber.told).containsExactly("error in none");
    }

    @Test
    @DisplayName("may be Mutiny's Multi or Uni, and keeps that type")
    void mutiny() {
        Multi<String> multi = scoped(
                "multi", Multi.createFrom().items(Stream.of("a", "b")).onItem().transform(this::ask));
        Uni<String> uni = scoped("uni", Uni.createFrom().item(() -> ask("c")));
        Uni<String> nothing = scoped("uni", Uni.createFrom().nullItem());
        Uni<String> failing = scoped("uni", Uni.createFrom().failure(new IllegalStateException("refused")));

        assertThat(multi.collect().asList().await().indefinitely()).containsExactly("a", "b");
        assertThat(uni.await().indefinitely()).isEqualTo("c");
        assertThat(nothing.await().indefinitely()).isNull();
        assertThatThrownBy(() -> failing.await().indefinitely()).hasMessage("refused");
        assertThat(asked).containsExactly("a in chat", "b in chat", "c in chat");
    }

    @Test
    @DisplayName("runs without the scope if the scope can no longer be entered")
    void broken() {
        Multi<String> multi =
                scoped("multi", Multi.createFrom().items("a").onItem().transform(this::ask));
        scopes.broken = true;

        assertThat(multi.collect().asList().await().indefinitely()).containsExactly("a");
        assertThat(asked).containsExactly("a in none");
    }

    @Test
    @DisplayName("reaches the caller as it is if a class of its library is missing")
    void libraryIsIncomplete() throws ReflectiveOperationException, IOException {
        try (WithoutOneClass library = new WithoutOneClass("io.smallrye.mutiny.groups.MultiCreate")) {
            Object multi = library.loadClass("io.smallrye.mutiny.operators.multi.builders.EmptyMulti")
                    .getDeclaredMethod("empty")
                    .invoke(null);

            assertThat(this.<Object>scoped("anything", multi)).isSameAs(multi);
        }
    }

    /** Mutiny once more, without one of its classes. */
    private static final class WithoutOneClass extends URLClassLoader {

        private final String missing;

        WithoutOneClass(String missing) {
            super(
                    new URL[] {Multi.class.getProtectionDomain().getCodeSource().getLocation()},
                    getPlatformClassLoader());
            this.missing = missing;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.equals(missing)) {
                throw new ClassNotFoundException(name);
            }
            return super.findClass(name);
        }
    }

    static Stream<Object> results() {
        return Stream.of(
                "text", CompletableFuture.completedFuture("text"), List.of("text"), new SubmissionPublisher<>());
    }

    @ParameterizedTest
    @DisplayName("stays the same object if it is not lazy or the method's return type is a class")
    @MethodSource("results")
    void eager(Object result) {
        String method = result instanceof String
                ? "text"
                : result instanceof CompletionStage ? "stage" : result instanceof List ? "anything" : "aClass";

        assertThat(this.<Object>scoped(method, result)).isSameAs(result);
        assertThat(this.<Object>scoped(method, null)).isNull();
    }

    @Test
    @DisplayName("gets its scope from the interceptor")
    void interceptor() throws Exception {
        LlmOperationInterceptor interceptor = new LlmOperationInterceptor();
        interceptor.scopes = scopes;
        interceptor.tenant = new CurrentTenant() {
            @Override
            Optional<String> find() {
                return Optional.of("acme");
            }
        };
        interceptor.attributes = new CurrentAttributes() {
            @Override
            Scope addedTo(Scope scope) {
                return scope;
            }
        };

        Multi<String> returned = Multi.createFrom().items("a").onItem().transform(this::ask);
        Map<String, Object> answers = Map.of(
                "getTarget",
                this,
                "getMethod",
                Annotated.class.getMethod("multi"),
                "getContextData",
                new HashMap<>(),
                "proceed",
                returned);

        Object result = interceptor.inScope((InvocationContext) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {InvocationContext.class},
                (proxy, method, arguments) -> answers.get(method.getName())));

        assertThat(scopes.here()).isNull();
        assertThat(((Multi<?>) result).collect().asList().await().indefinitely())
                .hasSize(1);
        assertThat(asked).containsExactly("a in summarise");
    }

    interface Annotated {

        @LlmOperation("summarise")
        Multi<String> multi();
    }

    /** Records for each step the scope in which it happens. */
    private Flow.Publisher<String> questions() {
        return subscriber -> {
            ask("subscribe");
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long items) {
                    ask("request");
                    subscriber.onNext("item");
                    subscriber.onComplete();
                }

                @Override
                public void cancel() {
                    ask("cancel");
                }
            });
        };
    }

    private String ask(String what) {
        asked.add(what + here());
        return what;
    }

    private String here() {
        return " in " + (scopes.here() == null ? "none" : scopes.here().operation());
    }

    @SuppressWarnings("unchecked")
    private <T> T scoped(String method, T result) {
        try {
            return (T) LazyResult.inScope(result, Returning.class.getMethod(method), new LaterScope(scopes, left));
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private final class Subscriber implements Flow.Subscriber<String> {

        final List<String> told = new ArrayList<>();
        Flow.Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            subscription = begun;
            told.add("subscribed" + here());
        }

        @Override
        public void onNext(String item) {
            told.add(item + here());
        }

        @Override
        public void onError(Throwable failure) {
            told.add("error" + here());
        }

        @Override
        public void onComplete() {
            told.add("complete" + here());
        }
    }
}
