package dev.tokentally.usage;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * A place in a list of calls, right after one of the calls. It does not say whose calls the list has.
 *
 * @param startedAt when the call before the place started
 * @param id that call's id, since several may have started in the same microsecond
 */
public record CallPosition(Instant startedAt, UUID id) {

    /**
     * Refuses values that no call can have.
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
     * The place where a list continues.
     *
     * @param last the last call that was listed
     * @return the place after it
     */
    public static CallPosition after(CallRecord last) {
        return new CallPosition(last.startedAt(), last.id());
    }
}
