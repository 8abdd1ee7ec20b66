package dev.tokentally.scope;

import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The {@code X-Request-ID} of a request, as the id of its call.
 *
 * @param callId the id
 * @param header the header to send back: exactly what came, if it could be used
 */
record RequestId(UUID callId, String header) {

    static final String HEADER = "X-Request-ID";

    /** {@link UUID#fromString} also takes shortened forms. */
    private static final Pattern CANONICAL = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    static RequestId of(List<String> headers) {
        if (headers.size() == 1 && CANONICAL.matcher(headers.get(0)).matches()) {
            return new RequestId(UUID.fromString(headers.get(0)), headers.get(0));
        }
        UUID made = UniqueIds.next();
        return new RequestId(made, made.toString());
    }
}
