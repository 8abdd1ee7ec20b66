package dev.tokentally.pricing;

import java.util.Locale;

/** The state of a repricing. */
public enum RepricingState {
    /** It goes through the calls. */
    RUNNING,
    /**
     * The store cannot be reached, or another transaction is in the way. The repricing tries again, and continues at the same place.
     */
    WAITING,
    /** It has gone through all calls. */
    DONE,
    /** A person or the server stopped it. */
    STOPPED,
    /** The store could not do what it was asked to do. Trying again at once would not help. */
    FAILED;

    /**
     * Whether it has ended.
     *
     * @return false while it may still change something
     */
    public boolean isOver() {
        return this != RUNNING && this != WAITING;
    }

    /**
     * The name under which it is reported.
     *
     * @return the name in lower case
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
