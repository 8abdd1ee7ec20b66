package dev.tokentally.recording;

import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;

/** What a server's circuit breaker does that has opened and is never told that its delay is over. */
final class OpenBreaker extends GuardedAttempts {

    @Override
    public void make(Attempt attempt) {
        throw new CircuitBreakerOpenException();
    }
}
