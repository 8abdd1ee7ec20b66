package dev.tokentally.scope;

import com.github.f4b6a3.uuid.factory.standard.TimeOrderedEpochFactory;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Makes the ids of records and of calls: UUIDv7. They are to be different, not secret, also where a process goes on as two: from a
 * snapshot of its machine, or from a checkpoint. All that is in memory is then there twice, a {@link SecureRandom}'s state
 * and buffer too. So the system is asked for randomness anew when the last answer is older than a millisecond, and each id
 * takes in the nanoseconds of the clock, whose first difference tells two copies apart for good. Asked for each id, the
 * system would cost half a microsecond of each call. Safe for use by many threads.
 */
public final class UniqueIds {

    /** For how long two copies of a process may have the same randomness. */
    static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long GOLDEN_GAMMA = 0x9E37_79B9_7F4A_7C15L;

    private static final UniqueIds OF_THIS_NODE = new UniqueIds(systemRandom(), System::nanoTime, Clock.systemUTC());

    private final LongSupplier system;
    private final LongSupplier nanoTime;
    private final TimeOrderedEpochFactory factory;
    private long state;
    private long askedAt;

    /**
     * Begins with an answer of the system.
     *
     * @param system gives randomness that no copy of this process is given too
     * @param nanoTime gives the nanoseconds of a clock that never goes back
     * @param clock tells the time that is in an id
     */
    UniqueIds(LongSupplier system, LongSupplier nanoTime, Clock clock) {
        this.system = system;
        this.nanoTime = nanoTime;
        this.askedAt = nanoTime.getAsLong();
        this.state = system.getAsLong();
        // Asked under the factory's own lock only.
        this.factory = TimeOrderedEpochFactory.builder()
                .withClock(clock)
                .withRandomFunction(this::random)
                .build();
    }

    /**
     * An id that nobody else has.
     *
     * @return the id; not null
     */
    public static UUID next() {
        return OF_THIS_NODE.make();
    }

    UUID make() {
        return factory.create();
    }

    private long random() {
        long now = nanoTime.getAsLong();
        if (now - askedAt >= FRESH_NANOS) {
            state ^= system.getAsLong();
            askedAt = now;
        }
        state = mixed((state ^ now) + GOLDEN_GAMMA);
        return state;
    }

    /** Each bit of the result depends on all of the value's, and no two values have one result (SplitMix64). */
    private static long mixed(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** Asks the system itself. What the usual one gives is made in the process, or was read ahead by up to 0.1 s. */
    private static LongSupplier systemRandom() {
        SecureRandom random = new SecureRandom();
        try {
            SecureRandom device = SecureRandom.getInstance("NativePRNGNonBlocking");
            return () -> {
                try {
                    return ByteBuffer.wrap(device.generateSeed(Long.BYTES)).getLong();
                } catch (RuntimeException unreadable) {
                    return random.nextLong();
                }
            };
        } catch (NoSuchAlgorithmException notOnWindows) {
            // There the usual one keeps nothing and asks the system each time.
            return random::nextLong;
        }
    }
}
