package dev.tokentally.usage;

import java.util.Objects;
import java.util.UUID;

/**
 * Who made a call, and what for.
 *
 * @param callId what all calls of one scope share
 * @param tenantId who pays; at most {@value CallRecord#TENANT_LENGTH} characters
 * @param operation what for; at most {@value CallRecord#OPERATION_LENGTH} characters
 * @param userId for which user of the tenant, by name or by a pseudonym; null when not told; at most {@value #USER_LENGTH}
 *     characters
 * @param sessionId in which session, such as a conversation; null when not told; at most {@value #SESSION_LENGTH} characters
 * @param environment which installation made it, such as {@code production}; null when not told; at most {@value
 *     #ENVIRONMENT_LENGTH} characters
 * @param tags the application's own keys and values, as the text of a JSON object with sorted keys and without blanks between
 *     its parts; null where there are none; at most {@value #TAGS_LENGTH} characters
 */
public record CallOrigin(
        UUID callId,
        String tenantId,
        String operation,
        String userId,
        String sessionId,
        String environment,
        String tags) {

    /** Of {@code user_id}. */
    public static final int USER_LENGTH = 255;

    /** Of {@code session_id}. */
    public static final int SESSION_LENGTH = 255;

    /** Of {@code environment}. */
    public static final int ENVIRONMENT_LENGTH = 64;

    /** Of {@code tags}: eight of them have room, whatever is in them. */
    public static final int TAGS_LENGTH = 5000;

    /**
     * Refuses what could not be stored.
     *
     * @throws NullPointerException when a component is null that may not be; the message names it
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
     * A call of which no more is told.
     *
     * @param callId what all calls of one scope share
     * @param tenantId who pays
     * @param operation what for
     */
    public CallOrigin(UUID callId, String tenantId, String operation) {
        this(callId, tenantId, operation, null, null, null, null);
    }

    CallOrigin withUser(String user) {
        return new CallOrigin(callId, tenantId, operation, user, sessionId, environment, tags);
    }
}
