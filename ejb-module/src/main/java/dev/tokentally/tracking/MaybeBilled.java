package dev.tokentally.tracking;

import dev.tokentally.text.CauseChain;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;

/**
 * Recognises failures after which the provider may have gone on and charged for the call, since the caller did not wait for the
 * end. If no connection was made, the provider was not asked, so such a failure is not among them.
 */
public final class MaybeBilled {

    /** Names of exceptions of Java, LangChain4j, Fault Tolerance and HTTP clients. None of these libraries need to be here. */
    private static final String TIMEOUT = "TimeoutException";

    private MaybeBilled() {}

    /**
     * Whether a failure or one of its causes is such a failure.
     *
     * @param thrown the failure; may be null
     * @return whether the provider may charge for the call
     */
    public static boolean is(Throwable thrown) {
        boolean maybe = false;
        for (Throwable each : CauseChain.of(thrown)) {
            if (NeverConnected.says(each)) {
                return false;
            }
            maybe |= gaveUp(each);
        }
        return maybe;
    }

    /** Java's exception for the timeout of a socket is an {@link InterruptedIOException}, too. */
    private static boolean gaveUp(Throwable thrown) {
        return thrown instanceof UnfinishedCallException
                || thrown instanceof CancellationException
                || thrown instanceof InterruptedException
                || thrown instanceof InterruptedIOException
                || thrown instanceof ClosedByInterruptException
                || hasName(thrown.getClass(), TIMEOUT);
    }

    /** Looks at whole names, since a class whose outer class is missing throws when it is asked for its simple name. */
    static boolean hasName(Class<?> type, String end) {
        for (Class<?> each = type; each != Throwable.class; each = each.getSuperclass()) {
            if (each.getName().endsWith(end)) {
                return true;
            }
        }
        return false;
    }
}
