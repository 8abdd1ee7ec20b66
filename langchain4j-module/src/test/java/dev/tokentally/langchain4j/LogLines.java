package dev.tokentally.langchain4j;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The messages of a logger, and of the loggers below it, until this is closed. */
final class LogLines extends Handler implements AutoCloseable {

    private final Logger logger;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    private LogLines(Logger logger) {
        this.logger = logger;
    }

    /** Begins to listen to the logger with this name. */
    static LogLines of(String name) {
        LogLines log = new LogLines(Logger.getLogger(name));
        log.logger.addHandler(log);
        return log;
    }

    /** The messages so far. */
    List<String> all() {
        return lines;
    }

    @Override
    public void publish(LogRecord line) {
        lines.add(line.getMessage());
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
