package dev.tokentally.text;

import java.util.List;

/** What a failure says, without a stack trace. */
public final class FailureText {

    private FailureText() {}

    /**
     * The failure's message and its root cause, which says what has really happened.
     *
     * @param failure the failure; not null
     * @return a text of any length and with any characters; {@link OneLine} makes it safe for a line of the log
     */
    public static String of(Throwable failure) {
        Throwable root = root(failure);
        return root == failure ? described(failure) : failure.getMessage() + ": " + described(root);
    }

    /**
     * The root cause of a failure.
     *
     * @param failure the failure; not null
     * @return the last of its causes; the failure itself if it has none
     */
    public static Throwable root(Throwable failure) {
        List<Throwable> chain = CauseChain.of(failure);
        return chain.get(chain.size() - 1);
    }

    private static String described(Throwable failure) {
        return failure.getClass().getSimpleName() + ": " + failure.getMessage();
    }
}
