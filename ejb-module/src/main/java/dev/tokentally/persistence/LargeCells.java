package dev.tokentally.persistence;

import dev.tokentally.text.OneLine;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** Logs tenants whose rollups are split since they would be too large, once for each tenant and maker. Used by one thread. */
final class LargeCells {

    private static final Logger LOG = QuietLog.of(LargeCells.class);

    /** The most lines of one maker. */
    private static final int MOST = 100;

    /** An id with fewer calls is not the reason. */
    private static final int MANY = 100;

    private final Set<String> told = new HashSet<>();

    /**
     * Logs it.
     *
     * @param commonest gives the call id that most calls of the interval have that also has calls elsewhere, and their number
     */
    void tell(String tenant, Unit unit, int starts, Supplier<Optional<Map.Entry<UUID, Integer>>> commonest) {
        if (told.size() < MOST && told.add(tenant)) {
            LOG.log(
                    Level.WARNING,
                    "A rollup would be too large for this heap, so it is kept in parts, and reports that need it take longer: tenant "
                            + OneLine.of(tenant) + ", " + unit + " from " + Unit.instant(starts)
                            + commonest
                                    .get()
                                    .filter(id -> id.getValue() > MANY)
                                    .map(
                                            id -> "; " + id.getValue() + " of its calls have the call id " + id.getKey()
                                                    + ". If a client repeats an X-Request-ID, let it send a new one with each request")
                                    .orElse(
                                            "; it has very many retried calls, combinations of operation and model, or different values. Nothing needs to be done"));
        }
    }
}
