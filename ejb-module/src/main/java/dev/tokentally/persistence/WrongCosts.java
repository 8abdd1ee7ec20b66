package dev.tokentally.persistence;

import dev.tokentally.text.OneLine;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Set;

/** Logs calls whose cost is not an amount of dollars, once for each tenant and quarter of an hour. Used by one thread. */
final class WrongCosts {

    private static final Logger LOG = QuietLog.of(WrongCosts.class);

    /** The most lines until the next start, since a script may have changed the calls of years. */
    private static final int MOST = 100;

    private final Set<String> told = new HashSet<>();

    void tell(String tenant, int quarter) {
        String where = "tenant " + OneLine.of(tenant) + " in the quarter of an hour from " + Unit.instant(quarter);
        if (told.size() < MOST && told.add(where)) {
            LOG.log(
                    Level.WARNING,
                    "The cost of a call of " + where
                            + " is not an amount of dollars (it may be NaN). Reports count the call as one without a"
                            + " known cost until somebody corrects cost_usd"
                            + (told.size() == MOST ? "; no further such costs are told before the next start" : ""));
        }
    }
}
