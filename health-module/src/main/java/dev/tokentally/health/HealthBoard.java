package dev.tokentally.health;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where the EJB module leaves word of how to ask for its state, as the check cannot call it: in an EAR, a library does
 * not see a module. Safe for use by many threads.
 */
@ApplicationScoped
public class HealthBoard {

    private volatile Supplier<RecordingReport> source;

    /**
     * From now on each check asks this source.
     *
     * @param source answers at once, without waiting for anything
     */
    public void register(Supplier<RecordingReport> source) {
        this.source = source;
    }

    /** From now on there is nothing to tell, as recording stops. */
    public void unregister() {
        this.source = null;
    }

    Optional<RecordingReport> report() {
        Supplier<RecordingReport> current = source;
        return current == null ? Optional.empty() : Optional.ofNullable(current.get());
    }
}
