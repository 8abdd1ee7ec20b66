package dev.tokentally.scope;

import java.lang.StackWalker.StackFrame;
import java.util.Set;

/** A scope that was entered, and the one that comes back when it closes. {@link CallContext} guards its state. */
final class OpenScope implements CallScope.Handle {

    private static final StackWalker STACK = StackWalker.getInstance();

    /** What lies between a caller and this class; the container's proxy of CallScope is named after it. */
    private static final Set<String> OWN =
            Set.of(OpenScope.class.getName(), CallContext.class.getName(), CallScope.class.getName());

    final CallContext context;
    final Scope scope;
    final OpenScope outer;
    final Thread thread = Thread.currentThread();
    State state = State.OPEN;

    private final StackFrame enteredAt;

    /**
     * Opens a scope; {@link CallContext} makes it the innermost one.
     *
     * @param scope null where what runs now is to see none
     * @param enteredAt null where the module itself sees to it that the scope is closed
     */
    OpenScope(CallContext context, Scope scope, OpenScope outer, StackFrame enteredAt) {
        this.context = context;
        this.scope = scope;
        this.outer = outer;
        this.enteredAt = enteredAt;
    }

    @Override
    public void close() {
        context.close(this);
    }

    String describe() {
        String values = scope == null ? "none" : "tenant=" + scope.tenantId() + " operation=" + scope.operation();
        return values + ", entered "
                + (enteredAt == null ? "by @LlmOperation, for a task or around a call" : "at " + text(enteredAt));
    }

    /** The line that called into the module. */
    static StackFrame caller() {
        return STACK.walk(frames -> frames.dropWhile(frame -> isOwn(frame.getClassName()))
                .findFirst()
                .orElseThrow());
    }

    static String text(StackFrame frame) {
        return frame.getClassName() + "." + frame.getMethodName() + "(" + frame.getFileName() + ":"
                + frame.getLineNumber() + ")";
    }

    private static boolean isOwn(String className) {
        int suffix = className.indexOf('$');
        return OWN.contains(suffix < 0 ? className : className.substring(0, suffix));
    }

    enum State {
        OPEN,
        /** By something else than its handle, which was told: that the handle is closed later is as it should be. */
        CLOSED_FOR_ITS_OWNER,
        CLOSED
    }
}
