package dev.tokentally.usage;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * Selects calls. A call must meet every given condition.
 *
 * @param window the time in which they started
 * @param values the value that they must have in a dimension; the empty value selects the calls without one
 * @param status how they ended; null for all
 * @param callId the id of their scope; null for all
 */
public record CallFilter(Window window, Map<Dimension, String> values, CallStatus status, UUID callId) {

    /** All calls. */
    public static final CallFilter ALL = new CallFilter(Window.ALWAYS, Map.of(), null, null);

    /**
     * Copies the values, and refuses a missing window.
     *
     * @throws NullPointerException when the window or the values are null
     */
    public CallFilter {
        Objects.requireNonNull(window, "window");
        values = Map.copyOf(values);
    }

    /**
     * Filters by no other dimension than operation and model.
     *
     * @param window the time in which they started
     * @param operation the operation; null for all
     * @param model the model that answered, empty for an unknown one; null for all
     * @param status how they ended; null for all
     * @param callId the id of their scope; null for all
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
     * The operation that is wanted.
     *
     * @return the operation; null for all
     */
    public String operation() {
        return values.get(Dimension.OPERATION);
    }

    /**
     * The model that is wanted.
     *
     * @return the model, empty for an unknown one; null for all
     */
    public String model() {
        return values.get(Dimension.MODEL);
    }
}
