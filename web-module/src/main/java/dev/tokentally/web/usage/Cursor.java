package dev.tokentally.web.usage;

import dev.tokentally.usage.CallPosition;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.UUID;

/** A place in a list of calls as text. It does not say whose calls they are, so a cursor from somebody else shows nothing more. */
public final class Cursor {

    private static final int BYTES = 3 * Long.BYTES;

    private Cursor() {}

    /**
     * Writes a place as text.
     *
     * @param position the place
     * @return what {@link QueryParameters#cursor} reads
     */
    public static String of(CallPosition position) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES)
                .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, position.startedAt()))
                .putLong(position.id().getMostSignificantBits())
                .putLong(position.id().getLeastSignificantBits());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /** Reads a place; throws an IllegalArgumentException if the text is not a cursor. */
    static CallPosition position(String cursor) {
        byte[] bytes = Base64.getUrlDecoder().decode(cursor);
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a cursor has " + BYTES + " bytes");
        }
        ByteBuffer parts = ByteBuffer.wrap(bytes);
        Instant startedAt = Instant.EPOCH.plus(parts.getLong(), ChronoUnit.MICROS);
        return new CallPosition(startedAt, new UUID(parts.getLong(), parts.getLong()));
    }
}
