package dev.tokentally.web.problem;

import dev.tokentally.text.OneLine;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.UUID;

/** A failure that nobody expected. The log gets all of it, and the client gets a reference to find it there. */
public final class UnexpectedFailure {

    private static final Logger LOG = System.getLogger(UnexpectedFailure.class.getName());

    private static final int MAX_CAUSES = 10;

    private static final int MAX_FRAMES = 60;

    private UnexpectedFailure() {}

    /**
     * Logs it.
     *
     * @param thrown what nobody expected
     * @return what the client is told
     */
    public static Problem logged(Throwable thrown) {
        UUID reference = UUID.randomUUID();
        LOG.log(Level.ERROR, "An API request failed, reference=" + reference + ": " + trace(thrown));
        return new Problem(
                ProblemKind.INTERNAL_ERROR,
                "Something went wrong on the server. Its log says more under the reference " + reference + ".");
    }

    /** This is not left to the logger. A message may contain text that the client sent, which must not end the line. */
    static String trace(Throwable thrown) {
        StringBuilder trace = new StringBuilder();
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++, cause = cause.getCause()) {
            trace.append(depth == 0 ? "" : "\nCaused by: ")
                    .append(cause.getClass().getName());
            if (cause.getMessage() != null) {
                trace.append(": ").append(OneLine.of(cause.getMessage()));
            }
            StackTraceElement[] frames = cause.getStackTrace();
            for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
                trace.append("\n\tat ").append(frames[i]);
            }
        }
        return trace.toString();
    }
}
