package dev.tokentally.usage;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * A place in a list of calls: after this one the others follow. It says nothing of whose calls they are.
 *
 * @param startedAt when the call before it started
 * @param id that call's id, since several may have started in the same microsecond
 */
public record CallPosition(Instant startedAt, UUID id) {

    /**
     * Refuses what no call can have.
     *
     * @throws NullPointerException when a part is null
     * @throws IllegalArgumentException when the instant is not in the years 1 to 9999
     */
    public CallPosition {
        Objects.requireNonNull(startedAt, "startedAt");
        Objects.requireNonNull(id, "id");
        Window.inRange("startedAt", startedAt);
    }

    /**
     * Where a list goes on.
     *
     * @param last the last call that was listed
     * @return the place after it
     */
    public static CallPosition after(CallRecord last) {
        return new CallPosition(last.startedAt(), last.id());
    }
}
