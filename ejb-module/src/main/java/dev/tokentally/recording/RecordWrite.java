package dev.tokentally.recording;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;

/** The attempts to write one record, and how the last of them ended. Used by one thread. */
final class RecordWrite implements Attempt {

    private final UsageRepository repository;
    private final CallRecord record;
    private boolean mayBeStored;
    private int attempts;
    private boolean stored;
    private Throwable failure;

    RecordWrite(UsageRepository repository, CallRecord record) {
        this.repository = repository;
        this.record = record;
    }

    /** The drainer may store it at the same time. That is no conflict, whoever comes first. */
    void mayBeStored() {
        mayBeStored = true;
    }

    @Override
    public void make() throws UsageStoreException {
        attempts++;
        try {
            if (attempts == 1 && !mayBeStored) {
                repository.store(record);
            } else {
                repository.storeAgain(record);
            }
            stored = true;
        } catch (UsageStoreException | RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    /** Whether it is stored, or no other attempt would help. */
    boolean isEnded() {
        return attempts > 0 && !isWorthAnotherAttempt();
    }

    boolean isWorthAnotherAttempt() {
        return !stored && attempts < RetriedAttempts.MAX_ATTEMPTS && failure instanceof StoreUnavailableException;
    }

    boolean isStored() {
        return stored;
    }

    Throwable failure() {
        return failure;
    }
}
