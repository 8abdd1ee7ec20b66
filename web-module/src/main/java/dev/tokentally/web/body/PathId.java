package dev.tokentally.web.body;

import java.util.Optional;
import java.util.UUID;

/** The id of something in the path of a request. */
public final class PathId {

    private PathId() {}

    /**
     * Reads one.
     *
     * @param text as it is in the path
     * @return the id; empty if the text is not an id in its full form, in upper or lower case. Java itself would
     *     also accept 1-1-1-1-1
     */
    public static Optional<UUID> of(String text) {
        try {
            return Optional.of(UUID.fromString(text))
                    .filter(uuid -> uuid.toString().equalsIgnoreCase(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
