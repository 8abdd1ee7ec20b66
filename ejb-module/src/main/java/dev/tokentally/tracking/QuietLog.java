package dev.tokentally.tracking;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Logs beside a call. A handler or a filter of the server's log may throw, and that must not reach the call. */
final class QuietLog {

    private QuietLog() {}

    static void log(Logger log, Level level, String line) {
        try {
            log.log(level, line);
        } catch (Throwable brokenLog) {
            // There is no other place that could tell it.
        }
    }
}
