package dev.tokentally.recording;

import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;

/** Repeats a method as a server does that obeys the annotation. */
final class LiveRetry extends RetriedAttempts {

    private final int attempts;

    LiveRetry(int attempts) {
        this.attempts = attempts;
    }

    @Override
    public void make(Attempt attempt) throws UsageStoreException {
        for (int made = 1; ; made++) {
            try {
                attempt.make();
                return;
            } catch (StoreUnavailableException e) {
                if (made == attempts) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void probe(Attempt attempt) throws UsageStoreException {
        make(attempt);
    }
}
