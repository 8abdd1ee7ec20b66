package dev.tokentally.web.problem;

/** Ends a request with a problem. Says all in the problem, so it has no stack trace. */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    /**
     * With what the client is told.
     *
     * @param kind what went wrong
     * @param detail the text about this case
     */
    public ProblemException(ProblemKind kind, String detail) {
        super(detail, null, false, false);
        this.problem = new Problem(kind, detail);
    }

    /**
     * What the client is told.
     *
     * @return the problem
     */
    public Problem problem() {
        return problem;
    }
}
