package dev.tokentally;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Makes a logger and the loggers below it throw at each line, as a faulty handler of a server does. */
public final class BrokenLog extends Handler implements AutoCloseable {

    private final AtomicInteger lines = new AtomicInteger();
    private final Logger logger;

    private BrokenLog(Logger logger) {
        this.logger = logger;
    }

    /** Breaks the logger with this name. */
    public static BrokenLog of(String name) {
        BrokenLog log = new BrokenLog(Logger.getLogger(name));
        log.logger.addHandler(log);
        return log;
    }

    /** How many lines have been written to it. */
    public int lines() {
        return lines.get();
    }

    @Override
    public void publish(LogRecord line) {
        lines.incrementAndGet();
        throw new IllegalStateException("the log is broken");
    }

    @Override
    public void flush() {
        // There is no buffer.
    }

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
