package dev.tokentally.scope;

import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The current span of OpenTelemetry, by the API that this module sees: the server's, or one in the application. The API is found by
 * the names of its classes, since an application may have none.
 *
 * <p>This class and its handles belong to the application's class loader. Nothing of OpenTelemetry refers to them.
 *
 * @param context {@code () -> Object}, the context of the current span
 * @param isValid {@code Object -> boolean}
 * @param traceId {@code Object -> String}
 * @param spanId {@code Object -> String}
 * @param told whether the log already says that reading the span does not work
 */
record CurrentSpan(
        MethodHandle context, MethodHandle isValid, MethodHandle traceId, MethodHandle spanId, AtomicBoolean told) {

    private static final Logger LOG = QuietLog.of(CurrentSpan.class);

    // It is a constant, so that the JIT compiles the handles like ordinary calls.
    private static final CurrentSpan SEEN = in(CurrentSpan.class.getClassLoader());

    /** The trace of a call on this thread; null if there is no OpenTelemetry or no valid span. */
    static CallTrace trace() {
        return SEEN == null ? null : SEEN.read();
    }

    /** Null if the class loader does not see OpenTelemetry's API, or sees one that we do not know. */
    static CurrentSpan in(ClassLoader classes) {
        try {
            // Without this class each look at a span would fail.
            Class.forName("io.opentelemetry.context.Context", false, classes);
            Class<?> span = Class.forName("io.opentelemetry.api.trace.Span", false, classes);
            Class<?> spanContext = Class.forName("io.opentelemetry.api.trace.SpanContext", false, classes);
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            MethodHandle current = lookup.findStatic(span, "current", MethodType.methodType(span));
            MethodHandle ofSpan = lookup.findVirtual(span, "getSpanContext", MethodType.methodType(spanContext));
            return new CurrentSpan(
                    MethodHandles.filterReturnValue(current, ofSpan).asType(MethodType.methodType(Object.class)),
                    accessor(lookup, spanContext, "isValid", boolean.class),
                    accessor(lookup, spanContext, "getTraceId", String.class),
                    accessor(lookup, spanContext, "getSpanId", String.class),
                    new AtomicBoolean());
        } catch (ReflectiveOperationException | LinkageError | RuntimeException absent) {
            return null;
        }
    }

    private static MethodHandle accessor(
            MethodHandles.Lookup lookup, Class<?> spanContext, String name, Class<?> returned)
            throws ReflectiveOperationException {
        return lookup.findVirtual(spanContext, name, MethodType.methodType(returned))
                .asType(MethodType.methodType(returned, Object.class));
    }

    /** Never throws, whatever OpenTelemetry throws or returns. */
    CallTrace read() {
        try {
            Object of = (Object) context.invokeExact();
            return (boolean) isValid.invokeExact(of)
                    ? new CallTrace((String) traceId.invokeExact(of), (String) spanId.invokeExact(of))
                    : null;
        } catch (Throwable failure) {
            if (!told.getAndSet(true)) {
                LOG.log(
                        Level.WARNING,
                        "OpenTelemetry's current span cannot be read, and such calls are recorded without their trace: "
                                + (failure instanceof IllegalArgumentException
                                        ? failure.getMessage()
                                        : failure.getClass().getName()));
            }
            return null;
        }
    }
}
