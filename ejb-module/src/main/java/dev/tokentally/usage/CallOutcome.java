package dev.tokentally.usage;

import java.util.Objects;

/**
 * How a call ended.
 *
 * @param status whether it returned
 * @param errorClass the simple name of the class of what was thrown, at most {@value CallRecord#ERROR_CLASS_LENGTH}
 *     characters; set exactly when the status is {@link CallStatus#ERROR}, else null
 */
public record CallOutcome(CallStatus status, String errorClass) {

    /** It returned. */
    public static final CallOutcome OK = new CallOutcome(CallStatus.OK, null);

    /**
     * Refuses what could not be stored.
     *
     * @throws NullPointerException when the status is null
     * @throws IllegalArgumentException when the class does not go with the status or does not fit its column
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
     * It threw.
     *
     * @param errorClass the simple name of the class of what was thrown
     * @return the outcome
     */
    public static CallOutcome error(String errorClass) {
        return new CallOutcome(CallStatus.ERROR, errorClass);
    }
}
