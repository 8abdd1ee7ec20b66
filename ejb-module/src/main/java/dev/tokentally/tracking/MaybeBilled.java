package dev.tokentally.tracking;

import java.io.InterruptedIOException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;

/**
 * Tells failures after which the provider may have gone on and charged for it: the caller did not wait for the end. Not
 * those where no connection came about, as nothing was asked then.
 */
final class MaybeBilled {

    /** Of causes; a chain may be a ring. */
    private static final int DEEPEST = 20;

    /** Java's own, LangChain4j's, Fault Tolerance's and those of HTTP clients, none of which need to be here. */
    private static final String TIMEOUT = "TimeoutException";

    private MaybeBilled() {}

    static boolean is(Throwable thrown) {
        boolean maybe = false;
        Throwable each = thrown;
        for (int depth = 0; each != null && depth < DEEPEST; depth++) {
            if (each instanceof HttpConnectTimeoutException) {
                return false;
            }
            maybe |= gaveUp(each);
            each = each.getCause();
        }
        return maybe;
    }

    /** A socket's timeout is an interrupted I/O too. */
    private static boolean gaveUp(Throwable thrown) {
        return thrown instanceof UnfinishedCallException
                || thrown instanceof CancellationException
                || thrown instanceof InterruptedException
                || thrown instanceof InterruptedIOException
                || thrown instanceof ClosedByInterruptException
                || isTimeout(thrown.getClass());
    }

    private static boolean isTimeout(Class<?> type) {
        for (Class<?> each = type; each != Throwable.class; each = each.getSuperclass()) {
            if (each.getSimpleName().endsWith(TIMEOUT)) {
                return true;
            }
        }
        return false;
    }
}
