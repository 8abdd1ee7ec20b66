package dev.tokentally.pricing;

import java.util.UUID;

/** A repricing is asked for while another one goes on. */
public final class RepricingRunningException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Which one goes on. */
    private final UUID running;

    RepricingRunningException(UUID running) {
        super("the repricing " + running + " is not over");
        this.running = running;
    }

    /**
     * The one that goes on.
     *
     * @return its id
     */
    public UUID running() {
        return running;
    }
}
