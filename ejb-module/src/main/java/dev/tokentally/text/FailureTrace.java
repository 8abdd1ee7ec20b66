package dev.tokentally.text;

/**
 * The stack trace of a failure that nobody expected, for the log. It is not left to the logger, since a message may contain text
 * from outside, which must not end a line.
 */
public final class FailureTrace {

    private static final int MAX_FRAMES = 60;

    private FailureTrace() {}

    /**
     * The failure, its causes, and where they were thrown.
     *
     * @param failure the failure; not null
     * @return several lines; the lines after the first begin with a tab or with {@code Caused by}
     */
    public static String of(Throwable failure) {
        StringBuilder trace = new StringBuilder();
        for (Throwable cause : CauseChain.of(failure)) {
            trace.append(trace.isEmpty() ? "" : "\nCaused by: ")
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
