package dev.tokentally.tracking;

import com.github.f4b6a3.uuid.factory.standard.TimeOrderedEpochFactory;
import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * Makes the ids of records: UUIDv7. They are to be different, not secret, so the system is asked for randomness once, for a
 * place to begin at that no other node shares: asked for each id it made every 25th call wait for a read of the kernel's.
 * Safe for use by many threads.
 */
final class RecordIds {

    private static final RecordIds OF_THIS_NODE = new RecordIds(new SecureRandom()::nextLong);

    private final TimeOrderedEpochFactory factory;

    RecordIds(LongSupplier seed) {
        SplittableRandom random = new SplittableRandom(seed.getAsLong());
        // Asked under the factory's own lock only.
        this.factory = TimeOrderedEpochFactory.builder()
                .withRandomFunction(random::nextLong)
                .build();
    }

    static UUID next() {
        return OF_THIS_NODE.make();
    }

    UUID make() {
        return factory.create();
    }
}
