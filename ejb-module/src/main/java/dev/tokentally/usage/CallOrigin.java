package dev.tokentally.usage;

import java.util.Objects;
import java.util.UUID;

/**
 * Who made a call and for which operation.
 *
 * @param callId the id that all calls of one scope share
 * @param tenantId the tenant that pays; at most {@value CallRecord#TENANT_LENGTH} characters
 * @param operation the operation that the call belongs to; at most {@value CallRecord#OPERATION_LENGTH} characters
 * @param userId the user of the tenant, by name or pseudonym; null when not given; at most {@value #USER_LENGTH}
 *     characters
 * @param sessionId the session, such as a conversation; null when not given; at most {@value #SESSION_LENGTH}
 *     characters
 * @param environment the installation that made the call, such as {@code production}; null when not given; at most
 *     {@value #ENVIRONMENT_LENGTH} characters
 * @param tags the application's own keys and values, as the text of a JSON object with sorted keys and without blanks
 *     between its parts; null if there are none; at most {@value #TAGS_LENGTH} characters
 */
public record CallOrigin(
        UUID callId,
        String tenantId,
        String operation,
        String userId,
        String sessionId,
        String environment,
        String tags) {

    /** The longest {@code user_id}. */
    public static final int USER_LENGTH = 255;

    /** The longest {@code session_id}. */
    public static final int SESSION_LENGTH = 255;

    /** The longest {@code environment}. */
    public static final int ENVIRONMENT_LENGTH = 64;

    /** The longest {@code tags}. Eight tags always fit, whatever they contain. */
    public static final int TAGS_LENGTH = 5000;

    /**
     * Refuses values that cannot be stored.
     *
     * @throws NullPointerException when the call id, the tenant or the operation is null; the message names it
     * @throws IllegalArgumentException when one does not fit its column; the message names it
     */
    public CallOrigin {
        Objects.requireNonNull(callId, "callId");
        CallRecord.fits("tenantId", tenantId, CallRecord.TENANT_LENGTH);
        CallRecord.fits("operation", operation, CallRecord.OPERATION_LENGTH);
        CallRecord.fitsOrNull("userId", userId, USER_LENGTH);
        CallRecord.fitsOrNull("sessionId", sessionId, SESSION_LENGTH);
        CallRecord.fitsOrNull("environment", environment, ENVIRONMENT_LENGTH);
        CallRecord.fitsOrNull("tags", tags, TAGS_LENGTH);
    }

    /**
     * A call without user, session, environment and tags.
     *
     * @param callId the id that all calls of one scope share
     * @param tenantId the tenant that pays
     * @param operation the operation that the call belongs to
     */
    public CallOrigin(UUID callId, String tenantId, String operation) {
        this(callId, tenantId, operation, null, null, null, null);
    }

    CallOrigin withUser(String user) {
        return new CallOrigin(callId, tenantId, operation, user, sessionId, environment, tags);
    }
}
