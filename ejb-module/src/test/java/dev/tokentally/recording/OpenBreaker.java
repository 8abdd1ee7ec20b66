package dev.tokentally.recording;

import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;

/** Behaves like a server's circuit breaker that has opened and is never told that its delay is over. */
final class OpenBreaker extends GuardedAttempts {

    @Override
    public void make(Attempt attempt) {
        throw new CircuitBreakerOpenException();
    }
}
