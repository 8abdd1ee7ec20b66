package dev.tokentally.tracking;

import dev.tokentally.scope.CallScope;
import java.util.function.Supplier;

/**
 * Marks that this thread makes a call outside a call scope, which is counted. Requests inside it that have no scope either are parts
 * of it and not counted again. A call in a scope has its mark in the scope; here there is none, so this mark belongs to the thread.
 */
public final class UnscopedCall {

    private static final ThreadLocal<Boolean> HERE = new ThreadLocal<>();

    private UnscopedCall() {}

    static boolean isHere() {
        return HERE.get() != null;
    }

    /** Returns the handle to close on this thread when the call has been made. */
    static CallScope.Handle enter() {
        if (isHere()) {
            return () -> {};
        }
        HERE.set(Boolean.TRUE);
        return HERE::remove;
    }

    /**
     * Takes the mark to the thread on which a task runs, if this thread has it.
     *
     * @param task what to run; not null
     * @param <T> its result
     * @return the same task
     */
    public static <T> Supplier<T> takenAlong(Supplier<T> task) {
        if (!isHere()) {
            return task;
        }
        return () -> {
            try (CallScope.Handle inside = enter()) {
                return task.get();
            }
        };
    }
}
