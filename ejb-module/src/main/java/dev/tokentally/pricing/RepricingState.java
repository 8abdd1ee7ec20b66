package dev.tokentally.pricing;

import java.util.Locale;

/** How a repricing is doing. */
public enum RepricingState {
    /** It goes through the calls. */
    RUNNING,
    /** The store is out of reach; it goes on where it is when the store is back. */
    WAITING,
    /** It has gone through all calls. */
    DONE,
    /** Somebody stopped it, or the server. */
    STOPPED,
    /** The store could not do what it was asked; trying again at once would not help. */
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
