package dev.tokentally.text;

/** What a failure says, without a stack trace. */
public final class FailureText {

    private static final int DEEPEST = 20;

    private FailureText() {}

    /**
     * The failure's message and its root cause, which says what has really happened.
     *
     * @param failure the failure; not null
     * @return a text of any length and with any characters; {@link OneLine} makes it safe for a line of the log
     */
    public static String of(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; root.getCause() != null && depth < DEEPEST; depth++) {
            root = root.getCause();
        }
        return root == failure ? described(failure) : failure.getMessage() + ": " + described(root);
    }

    private static String described(Throwable failure) {
        return failure.getClass().getSimpleName() + ": " + failure.getMessage();
    }
}
