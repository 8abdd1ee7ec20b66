package dev.tokentally.web.problem;

import dev.tokentally.text.FailureTrace;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.UUID;

/** A failure that nobody expected. The log gets all of it, and the client gets a reference to find it there. */
public final class UnexpectedFailure {

    private static final Logger LOG = System.getLogger(UnexpectedFailure.class.getName());

    private UnexpectedFailure() {}

    /**
     * Logs it.
     *
     * @param thrown what nobody expected
     * @return what the client is told
     */
    public static Problem logged(Throwable thrown) {
        UUID reference = UUID.randomUUID();
        LOG.log(Level.ERROR, "An API request failed, reference=" + reference + ": " + FailureTrace.of(thrown));
        return new Problem(
                ProblemKind.INTERNAL_ERROR,
                "Something went wrong on the server. Its log says more under the reference " + reference + ".");
    }
}
