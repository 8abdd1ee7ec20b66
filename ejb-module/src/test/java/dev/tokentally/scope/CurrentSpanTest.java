package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("OpenTelemetry's current span")
class CurrentSpanTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    @Test
    @DisplayName("is the span of this thread, sampled or not, and is missing outside a span")
    void current() {
        assertThat(CurrentSpan.trace()).isNull();
        for (TraceFlags flags : new TraceFlags[] {TraceFlags.getSampled(), TraceFlags.getDefault()}) {
            SpanContext context = SpanContext.create(TRACE, SPAN, flags, TraceState.getDefault());
            try (io.opentelemetry.context.Scope inside = Span.wrap(context).makeCurrent()) {
                assertThat(CurrentSpan.trace()).isEqualTo(new CallTrace(TRACE, SPAN));
            }
        }
        assertThat(CurrentSpan.trace()).isNull();
    }

    @Test
    @DisplayName("is missing if the span is invalid, as on a server that does not trace")
    void invalid() {
        try (CapturedLog log = CapturedLog.of(CurrentSpan.class.getName());
                io.opentelemetry.context.Scope inside = Span.getInvalid().makeCurrent()) {
            assertThat(CurrentSpan.trace()).isNull();
            assertThat(log.messages()).isEmpty();
        }
    }

    @Test
    @DisplayName("is missing if a class loader does not see OpenTelemetry, or sees only a part of it")
    void absent() {
        assertThat(CurrentSpan.in(ClassLoader.getPlatformClassLoader())).isNull();
        assertThat(CurrentSpan.in(new Without("io.opentelemetry.context."))).isNull();
        assertThat(CurrentSpan.in(new Without("io.opentelemetry.api.trace.SpanContext")))
                .isNull();
        assertThat(CurrentSpan.in(new Without("nothing"))).isNotNull();
    }

    @Test
    @DisplayName("is left out if its ids are invalid or it throws, with one WARNING in all")
    void faulty() {
        for (String traceId :
                new String[] {"not hex, and a secret", TRACE.toUpperCase(Locale.ROOT), "0".repeat(32), "", null}) {
            CurrentSpan seen = CurrentSpan.in(CurrentSpanTest.class.getClassLoader());
            try (CapturedLog log = CapturedLog.of(CurrentSpan.class.getName());
                    io.opentelemetry.context.Scope inside = answering(traceId).makeCurrent()) {
                assertThat(seen.read()).isNull();
                assertThat(seen.read()).isNull();
                assertThat(log.messages())
                        .singleElement()
                        .asString()
                        .contains("OpenTelemetry's current span cannot be read")
                        .doesNotContain("secret");
            }
        }
    }

    @Test
    @DisplayName("can be read from a deployment's class loader, and nothing keeps that class loader afterwards")
    void nothingStays() throws Exception {
        WeakReference<ClassLoader> gone = new WeakReference<>(usedOnce());
        for (int i = 0; gone.get() != null && i < 50; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(gone.get()).isNull();
    }

    /**
     * Uses the class as a deployment does, which has its own copy of this module's classes, while OpenTelemetry is the
     * server's.
     */
    private static ClassLoader usedOnce() throws ReflectiveOperationException {
        ClassLoader deployment = new Deployment();
        Class<?> ofDeployment = Class.forName(CurrentSpan.class.getName(), true, deployment);
        assertThat(ofDeployment).isNotSameAs(CurrentSpan.class);
        Method trace = ofDeployment.getDeclaredMethod("trace");
        trace.setAccessible(true);
        SpanContext context = SpanContext.create(TRACE, SPAN, TraceFlags.getDefault(), TraceState.getDefault());
        try (io.opentelemetry.context.Scope inside = Span.wrap(context).makeCurrent()) {
            for (int i = 0; i < 20_000; i++) {
                assertThat(trace.invoke(null)).isNotNull();
            }
        }
        return deployment;
    }

    /** A span that always says that it is valid. */
    private static Span answering(String traceId) {
        SpanContext context = (SpanContext) Proxy.newProxyInstance(
                CurrentSpanTest.class.getClassLoader(),
                new Class<?>[] {SpanContext.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "isValid" -> true;
                    case "getTraceId" -> {
                        if (traceId == null) {
                            throw new IllegalStateException("secret");
                        }
                        yield traceId;
                    }
                    default -> SPAN;
                });
        return Span.wrap(context);
    }

    private static final class Without extends ClassLoader {

        private final String hidden;

        Without(String hidden) {
            super(CurrentSpanTest.class.getClassLoader());
            this.hidden = hidden;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith(hidden)) {
                throw new ClassNotFoundException(name);
            }
            return super.loadClass(name, resolve);
        }
    }

    private static final class Deployment extends ClassLoader {

        private static final String OURS = "dev.tokentally.scope.";

        Deployment() {
            super(CurrentSpanTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(OURS) || findLoadedClass(name) != null) {
                return super.loadClass(name, resolve);
            }
            try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = file.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
