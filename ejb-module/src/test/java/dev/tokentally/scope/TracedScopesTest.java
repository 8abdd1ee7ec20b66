package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import jakarta.enterprise.context.spi.Context;
import jakarta.enterprise.inject.spi.BeanManager;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The trace of a scope")
class TracedScopesTest {

    private static final CallTrace OF_HEADER = new CallTrace("a".repeat(32), "b".repeat(16));
    private static final CallTrace OF_SPAN = new CallTrace("c".repeat(32), "d".repeat(16));
    private static final CallTrace OF_ANOTHER = new CallTrace("e".repeat(32), "f".repeat(16));

    private final AttributeRules rules = new AttributeRules(new Settings(new MapConfig(Map.of())));
    private final CallContext context = new CallContext();
    private final CallScope scopes = new CallScope(context, requestIsActive(), null, rules);

    @Test
    @DisplayName("is the trace of the request's header, in all scopes of the request and in snapshots")
    void ofHeader() {
        context.useForThisRequest(UUID.randomUUID(), new TraceParent(OF_HEADER, null));
        try (CallScope.Handle outer = scopes.enter("acme", "chat")) {
            assertThat(here()).isEqualTo(OF_HEADER);
            for (Supplier<CallScope.Handle> way : List.<Supplier<CallScope.Handle>>of(
                    () -> scopes.enter("acme", "tool"),
                    () -> scopes.enter("acme", "tool", UUID.randomUUID()),
                    () -> scopes.enter("acme", "tool", new CallAttributes(null, "talk-1", null, null)),
                    () -> scopes.enter(new CallAttributes(null, "talk-1", null, null)),
                    () -> scopes.insideCall(kind -> {}))) {
                try (CallScope.Handle inner = way.get()) {
                    assertThat(here()).isEqualTo(OF_HEADER);
                }
            }
            CallScope.Snapshot taken = scopes.capture();
            context.useForThisRequest(UUID.randomUUID(), TraceParent.NONE);
            assertThat(taken.wrapSupplier(this::here).get()).isEqualTo(OF_HEADER);
        }
    }

    @Test
    @DisplayName("is missing if there is neither a span nor a header")
    void none() {
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThat(here()).isNull();
        }
    }

    @Test
    @DisplayName(
            "is the current span if that belongs to the header's trace, and else the header, because Payara makes up other spans")
    void spanOfHeader() {
        context.useForThisRequest(UUID.randomUUID(), new TraceParent(OF_HEADER, null));
        CallTrace below = new CallTrace(OF_HEADER.traceId(), "1".repeat(16));
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            try (var inside = current(below)) {
                assertThat(here()).isEqualTo(below);
                assertThat(scopes.capture().wrapSupplier(this::here).get()).isEqualTo(below);
            }
            try (var elsewhere = current(OF_ANOTHER)) {
                assertThat(here()).isEqualTo(OF_HEADER);
                assertThat(scopes.capture().wrapSupplier(this::here).get()).isEqualTo(OF_HEADER);
            }
        }
    }

    @Test
    @DisplayName("is the current span, and ends with it")
    void ofSpan() {
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            try (var inside = current(OF_SPAN)) {
                assertThat(here()).isEqualTo(OF_SPAN);
                try (var deeper = current(OF_ANOTHER)) {
                    assertThat(here()).isEqualTo(OF_ANOTHER);
                }
            }
            assertThat(here()).isNull();
        }
    }

    @Test
    @DisplayName("goes to other threads with a snapshot, but a span that is current there comes first")
    void takenAlong() throws Exception {
        CallScope.Snapshot taken;
        try (CallScope.Handle scope = scopes.enter("acme", "chat");
                var inside = current(OF_SPAN)) {
            taken = scopes.capture();
        }
        assertThat(taken.wrapSupplier(this::here).get()).isEqualTo(OF_SPAN);
        try (var there = current(OF_ANOTHER)) {
            assertThat(taken.wrapSupplier(this::here).get()).isEqualTo(OF_ANOTHER);
        }
    }

    @Test
    @DisplayName("does not turn the scope into another one")
    void sameScope() {
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            CallScope.Current outside = scopes.current().orElseThrow();
            try (var inside = current(OF_SPAN)) {
                assertThat(scopes.current().orElseThrow().isSameAs(outside)).isTrue();
                assertThat(scopes.innermost()
                                .orElseThrow()
                                .takenAlong()
                                .isSameAs(scopes.innermost().orElseThrow()))
                        .isTrue();
            }
        }
    }

    private CallTrace here() {
        return scopes.current().orElseThrow().trace();
    }

    private static io.opentelemetry.context.Scope current(CallTrace trace) {
        return Span.wrap(SpanContext.create(
                        trace.traceId(), trace.spanId(), TraceFlags.getDefault(), TraceState.getDefault()))
                .makeCurrent();
    }

    private static BeanManager requestIsActive() {
        Context active = (Context) Proxy.newProxyInstance(
                TracedScopesTest.class.getClassLoader(),
                new Class<?>[] {Context.class},
                (context, method, arguments) -> method.getName().equals("isActive"));
        return (BeanManager) Proxy.newProxyInstance(
                TracedScopesTest.class.getClassLoader(),
                new Class<?>[] {BeanManager.class},
                (beans, method, arguments) -> active);
    }
}
