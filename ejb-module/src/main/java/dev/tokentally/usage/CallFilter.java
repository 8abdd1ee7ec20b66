package dev.tokentally.usage;

import java.util.Objects;
import java.util.UUID;

/**
 * Which calls are wanted: those that meet all that is given.
 *
 * @param window when they started
 * @param operation what for; null for any
 * @param model which model answered, empty for an unknown one; null for any
 * @param status how they ended; null for any
 * @param callId what they share; null for any
 */
public record CallFilter(Window window, String operation, String model, CallStatus status, UUID callId) {

    /** All calls. */
    public static final CallFilter ALL = new CallFilter(Window.ALWAYS, null, null, null, null);

    /**
     * Refuses a missing window.
     *
     * @throws NullPointerException when the window is null
     */
    public CallFilter {
        Objects.requireNonNull(window, "window");
    }
}
