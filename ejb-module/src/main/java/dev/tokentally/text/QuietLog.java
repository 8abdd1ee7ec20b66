package dev.tokentally.text;

import java.util.ResourceBundle;

/**
 * A logger that never throws. A handler or a filter of the server's log may throw. That must not reach a call, and it must not keep
 * the module from what it does after the line.
 */
public final class QuietLog implements System.Logger {

    private final System.Logger log;

    private QuietLog(System.Logger log) {
        this.log = log;
    }

    /**
     * The logger of a class.
     *
     * @param type whose name the logger has; not null
     * @return the logger
     */
    public static System.Logger of(Class<?> type) {
        return new QuietLog(System.getLogger(type.getName()));
    }

    @Override
    public String getName() {
        return log.getName();
    }

    @Override
    public boolean isLoggable(Level level) {
        return log.isLoggable(level);
    }

    @Override
    public void log(Level level, String line) {
        quietly(() -> log.log(level, line));
    }

    @Override
    public void log(Level level, String line, Throwable thrown) {
        quietly(() -> log.log(level, line, thrown));
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String line, Throwable thrown) {
        quietly(() -> log.log(level, bundle, line, thrown));
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... values) {
        quietly(() -> log.log(level, bundle, format, values));
    }

    private static void quietly(Runnable logging) {
        try {
            logging.run();
        } catch (Throwable brokenLog) {
            // There is no other place that could tell it.
        }
    }
}
