package dev.tokentally.usage;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * Which calls are wanted: those that meet all that is given.
 *
 * @param window when they started
 * @param values what they have of a dimension; the empty value stands for the calls that have none
 * @param status how they ended; null for any
 * @param callId what they share; null for any
 */
public record CallFilter(Window window, Map<Dimension, String> values, CallStatus status, UUID callId) {

    /** All calls. */
    public static final CallFilter ALL = new CallFilter(Window.ALWAYS, Map.of(), null, null);

    /**
     * Takes a copy, and refuses a missing window.
     *
     * @throws NullPointerException when the window or the values are null
     */
    public CallFilter {
        Objects.requireNonNull(window, "window");
        values = Map.copyOf(values);
    }

    /**
     * By the operation and the model alone.
     *
     * @param window when they started
     * @param operation what for; null for any
     * @param model which model answered, empty for an unknown one; null for any
     * @param status how they ended; null for any
     * @param callId what they share; null for any
     */
    public CallFilter(Window window, String operation, String model, CallStatus status, UUID callId) {
        this(window, values(operation, model), status, callId);
    }

    private static Map<Dimension, String> values(String operation, String model) {
        Map<Dimension, String> values = new HashMap<>();
        values.put(Dimension.OPERATION, operation);
        values.put(Dimension.MODEL, model);
        values.values().removeIf(Objects::isNull);
        return values;
    }

    /**
     * What for.
     *
     * @return the operation; null for any
     */
    public String operation() {
        return values.get(Dimension.OPERATION);
    }

    /**
     * Which model answered.
     *
     * @return the model, empty for an unknown one; null for any
     */
    public String model() {
        return values.get(Dimension.MODEL);
    }
}
