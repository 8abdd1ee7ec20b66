package dev.tokentally.usage;

import java.util.Objects;
import java.util.UUID;

/**
 * Who made a call, and what for.
 *
 * @param callId what all calls of one scope share
 * @param tenantId who pays; at most {@value CallRecord#TENANT_LENGTH} characters
 * @param operation what for; at most {@value CallRecord#OPERATION_LENGTH} characters
 * @param environment which installation made it, such as {@code production}; null when not told; at most {@value
 *     #ENVIRONMENT_LENGTH} characters
 */
public record CallOrigin(UUID callId, String tenantId, String operation, String environment) {

    /** Of {@code environment}. */
    public static final int ENVIRONMENT_LENGTH = 64;

    /**
     * Refuses what could not be stored.
     *
     * @throws NullPointerException when a component is null; the message names it
     * @throws IllegalArgumentException when one does not fit its column; the message names it
     */
    public CallOrigin {
        Objects.requireNonNull(callId, "callId");
        CallRecord.fits("tenantId", tenantId, CallRecord.TENANT_LENGTH);
        CallRecord.fits("operation", operation, CallRecord.OPERATION_LENGTH);
        if (environment != null) {
            CallRecord.fits("environment", environment, ENVIRONMENT_LENGTH);
        }
    }

    /**
     * A call that is told no more of.
     *
     * @param callId what all calls of one scope share
     * @param tenantId who pays
     * @param operation what for
     */
    public CallOrigin(UUID callId, String tenantId, String operation) {
        this(callId, tenantId, operation, null);
    }
}
