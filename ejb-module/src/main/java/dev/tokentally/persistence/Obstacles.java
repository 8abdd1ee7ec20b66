package dev.tokentally.persistence;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Set;

/**
 * Logs what stands in the way of work that is tried again and again. Each line is logged once, as long as each round finds it again.
 * Used by one thread.
 */
final class Obstacles {

    /** So many lines are remembered. If they differ each time, they must not fill the memory. */
    private static final int MOST = 100;

    private final Logger log;
    private final Set<String> before = new HashSet<>();
    private final Set<String> now = new HashSet<>();

    Obstacles(Logger log) {
        this.log = log;
    }

    void tell(Level level, String line) {
        if (now.add(line) && !before.contains(line)) {
            log.log(level, line);
        }
    }

    /** Does the same, and adds the message of a failure to the line. */
    void tell(Level level, String line, Throwable failure) {
        tell(level, line + (failure.getMessage() == null ? failure.toString() : failure.getMessage()));
    }

    /**
     * A round is over.
     *
     * @param isWhole whether it has looked at everything, so what it did not find is no longer there
     */
    void endRound(boolean isWhole) {
        if (isWhole || before.size() > MOST) {
            before.clear();
        }
        before.addAll(now);
        now.clear();
    }
}
