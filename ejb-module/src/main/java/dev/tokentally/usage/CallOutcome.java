package dev.tokentally.usage;

import java.util.Objects;

/**
 * How a call ended.
 *
 * @param status whether the call returned or threw
 * @param errorClass the simple class name of the exception, at most {@value CallRecord#ERROR_CLASS_LENGTH} characters;
 *     set exactly when the status is {@link CallStatus#ERROR}, otherwise null
 */
public record CallOutcome(CallStatus status, String errorClass) {

    /** The call returned. */
    public static final CallOutcome OK = new CallOutcome(CallStatus.OK, null);

    /**
     * Refuses values that cannot be stored.
     *
     * @throws NullPointerException when the status is null
     * @throws IllegalArgumentException when the error class does not match the status or does not fit its column
     */
    public CallOutcome {
        Objects.requireNonNull(status, "status");
        if ((status == CallStatus.ERROR) != (errorClass != null)) {
            throw new IllegalArgumentException("errorClass is set exactly when the status is ERROR");
        }
        if (errorClass != null) {
            CallRecord.fits("errorClass", errorClass, CallRecord.ERROR_CLASS_LENGTH);
        }
    }

    /**
     * The call threw an exception.
     *
     * @param errorClass the simple class name of the exception
     * @return the outcome
     */
    public static CallOutcome error(String errorClass) {
        return new CallOutcome(CallStatus.ERROR, errorClass);
    }
}
