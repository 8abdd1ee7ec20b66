package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.context.spi.Context;
import jakarta.enterprise.inject.spi.BeanManager;
import java.lang.reflect.Proxy;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The mark of a call that is running")
class InsideCallTest {

    private final CallScope scopes = new CallScope(new CallContext(), requestIsActive(), null, new AttributeRules());

    @Test
    @DisplayName("is set until it is removed, and changes nothing else")
    void mark() {
        UUID call = UUID.randomUUID();
        try (CallScope.Handle scope = scopes.enter("acme", "chat", call)) {
            assertThat(isMarked()).isFalse();
            try (CallScope.Handle mark = scopes.insideCall(kind -> {})) {
                assertThat(scopes.current()).contains(new CallScope.Current("acme", "chat", call, true));
            }
            assertThat(isMarked()).isFalse();
        }
    }

    @Test
    @DisplayName("is set in scopes that are entered inside the call, and in snapshots from inside the call")
    void takenAlong() {
        CallScope.Snapshot before;
        CallScope.Snapshot during;
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            before = scopes.capture();
            try (CallScope.Handle mark = scopes.insideCall(kind -> {})) {
                during = scopes.capture();
                try (CallScope.Handle inner = scopes.enter("acme", "tool")) {
                    assertThat(isMarked()).isTrue();
                }
                try (CallScope.Handle inner = scopes.enter("acme", "tool", UUID.randomUUID())) {
                    assertThat(isMarked()).isTrue();
                }
                // A scope that was captured outside of the call stays outside of it, wherever it is used.
                assertThat(before.wrapSupplier(this::isMarked).get()).isFalse();
            }
            assertThat(during.wrapSupplier(this::isMarked).get()).isTrue();
            try (CallScope.Handle next = scopes.enter("acme", "next")) {
                assertThat(isMarked()).isFalse();
            }
        }
    }

    @Test
    @DisplayName("needs a scope, and does not make one")
    void withoutScope() {
        try (CallScope.Handle mark = scopes.insideCall(kind -> {})) {
            assertThat(scopes.current()).isEmpty();
        }
    }

    private boolean isMarked() {
        return scopes.current().orElseThrow().insideCall();
    }

    private static BeanManager requestIsActive() {
        Context active = (Context) Proxy.newProxyInstance(
                InsideCallTest.class.getClassLoader(),
                new Class<?>[] {Context.class},
                (context, method, arguments) -> method.getName().equals("isActive"));
        return (BeanManager) Proxy.newProxyInstance(
                InsideCallTest.class.getClassLoader(),
                new Class<?>[] {BeanManager.class},
                (beans, method, arguments) -> active);
    }
}
