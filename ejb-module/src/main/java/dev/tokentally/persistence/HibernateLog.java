package dev.tokentally.persistence;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Keeps Hibernate from logging the failures of our writes, which we log ourselves. Hibernate would log each with the database's
 * message, which may contain the values of a row, and before we know what the failure means. It has no setting for that. Lines that
 * it logs on other threads are left alone.
 *
 * <p>Several applications on a server share Hibernate's loggers. So the filters form a chain, and each application can take
 * its own out in any order. The links are a class of the JDK, as the applications do not share ours.
 */
final class HibernateLog {

    /** The loggers for failed statements, failed batches and the clean-up after them. */
    static final List<String> NAMES = List.of(
            "org.hibernate.engine.jdbc.spi.SqlExceptionHelper",
            "org.hibernate.engine.jdbc.internal.JdbcCoordinatorImpl",
            "org.hibernate.orm.jdbc.batch");

    private final Set<Thread> writing = ConcurrentHashMap.newKeySet();
    private final Map<Logger, Mute> mutes = new LinkedHashMap<>();

    /** Begins to filter. */
    void open() {
        for (String name : NAMES) {
            Logger logger = Logger.getLogger(name);
            synchronized (logger) {
                Mute mute = new Mute(writing, logger.getFilter());
                logger.setFilter(mute);
                mutes.put(logger, mute);
            }
        }
    }

    /** Removes the filters, since they would keep this application's classes in memory. */
    void close() {
        mutes.forEach((logger, mute) -> {
            synchronized (logger) {
                if (logger.getFilter() == mute) {
                    logger.setFilter(mute.get());
                } else {
                    takeOut(mute, logger.getFilter());
                }
            }
        });
        mutes.clear();
    }

    /**
     * Takes our filter out of the chain. A later filter may be another application's, or a filter that does not know of the chain.
     */
    private static void takeOut(Mute mute, Filter top) {
        Filter at = top;
        while (at instanceof AtomicReference<?> link) {
            if (link.get() == mute) {
                @SuppressWarnings("unchecked")
                AtomicReference<Filter> after = (AtomicReference<Filter>) link;
                after.set(mute.get());
                return;
            }
            at = (Filter) link.get();
        }
    }

    /** Does work on the calling thread. Hibernate logs no failure of it. */
    <T> T muted(Callable<T> work) throws Exception {
        writing.add(Thread.currentThread());
        try {
            return work.call();
        } finally {
            writing.remove(Thread.currentThread());
        }
    }

    /** Holds the filter that was there before, which may be null. */
    private static final class Mute extends AtomicReference<Filter> implements Filter {

        private static final long serialVersionUID = 1L;

        private final transient Set<Thread> writing;

        Mute(Set<Thread> writing, Filter before) {
            super(before);
            this.writing = writing;
        }

        @Override
        public boolean isLoggable(LogRecord line) {
            Filter before = get();
            return !writing.contains(Thread.currentThread()) && (before == null || before.isLoggable(line));
        }
    }
}
