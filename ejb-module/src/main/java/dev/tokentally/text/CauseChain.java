package dev.tokentally.text;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A failure and its causes. Their number is limited, since a chain of causes may be a ring. */
public final class CauseChain {

    private static final int DEEPEST = 20;

    private CauseChain() {}

    /**
     * A failure and its causes.
     *
     * @param failure the failure; may be null
     * @return the failure, its cause, the cause of that, and so on, at most 20; empty for null
     */
    public static List<Throwable> of(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .limit(DEEPEST)
                .toList();
    }
}
