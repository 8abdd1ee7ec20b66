package dev.tokentally.scope;

import java.lang.StackWalker.StackFrame;
import java.util.Set;

/** A scope that was entered, and the scope that is current again when it closes. {@link CallContext} guards its state. */
final class OpenScope implements CallScope.Handle {

    private static final StackWalker STACK = StackWalker.getInstance();

    /**
     * The beginning of class names between a caller and this class. The container's proxy of CallScope is named after CallScope.
     */
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
     * @param scope null if the code that runs now must see none
     * @param enteredAt null if the module itself closes the scope
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
        /**
         * Something other than its handle has closed it, and the log has reported that. So it is no mistake if the handle is closed
         * later.
         */
        CLOSED_FOR_ITS_OWNER,
        CLOSED
    }
}
