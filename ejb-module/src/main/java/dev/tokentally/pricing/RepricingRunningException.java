package dev.tokentally.pricing;

import java.util.UUID;

/** A repricing was requested while another one is running. */
public final class RepricingRunningException extends Exception {

    private static final long serialVersionUID = 1L;

    /** The id of the running one. */
    private final UUID running;

    RepricingRunningException(UUID running) {
        super("the repricing " + running + " is not over");
        this.running = running;
    }

    /**
     * The repricing that is running.
     *
     * @return its id
     */
    public UUID running() {
        return running;
    }
}
