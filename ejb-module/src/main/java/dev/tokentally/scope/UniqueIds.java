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
 * Makes the ids of records and of calls: UUIDv7. The ids must be different, but need not be secret. They must be different also if
 * a process goes on as two copies, from a snapshot of its machine or from a checkpoint. Everything in memory then exists twice,
 * also the state and the buffer of a {@link SecureRandom}. So the system is asked for randomness again if its last answer is older
 * than a millisecond. Each id also uses the nanoseconds of the clock; once these differ, the ids of the two copies differ for good.
 * Asking the system for each id would add half a microsecond to each call. Safe for use by many threads.
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
     * @param system gives randomness that no copy of this process gets
     * @param nanoTime gives the nanoseconds of a clock that never goes back
     * @param clock tells the time that is in an id
     */
    UniqueIds(LongSupplier system, LongSupplier nanoTime, Clock clock) {
        this.system = system;
        this.nanoTime = nanoTime;
        this.askedAt = nanoTime.getAsLong();
        this.state = system.getAsLong();
        // The factory calls random() only while it holds its own lock, so the state needs no other lock.
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

    /** Each bit of the result depends on all bits of the value, and no two values have the same result (SplitMix64). */
    private static long mixed(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** Asks the system itself. The usual source makes its numbers in the process, or reads them up to 0.1 s ahead. */
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
            // On this system the usual source keeps nothing and asks the system each time.
            return random::nextLong;
        }
    }
}
