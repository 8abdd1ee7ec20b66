package dev.tokentally.health;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The EJB module registers here how its state can be read. The check cannot call the EJB module itself, since a library
 * in an EAR does not see the EAR's modules. Safe for use by many threads.
 */
@ApplicationScoped
public class HealthBoard {

    private volatile Supplier<RecordingReport> source;

    /**
     * Makes each check from now on read this source.
     *
     * @param source returns the state immediately, without waiting for anything
     */
    public void register(Supplier<RecordingReport> source) {
        this.source = source;
    }

    /** Removes the source, since recording stops. */
    public void unregister() {
        this.source = null;
    }

    Optional<RecordingReport> report() {
        Supplier<RecordingReport> current = source;
        return current == null ? Optional.empty() : Optional.ofNullable(current.get());
    }
}
