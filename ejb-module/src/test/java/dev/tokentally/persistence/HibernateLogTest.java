package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import java.util.logging.Filter;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Hibernate's log")
class HibernateLogTest {

    private final Logger logger = Logger.getLogger(HibernateLog.NAMES.get(0));
    private final Filter foreign = line -> !line.getMessage().equals("foreign");
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of(logger.getName());
        logger.setFilter(foreign);
    }

    @AfterEach
    void leave() {
        log.close();
        logger.setFilter(null);
    }

    @Test
    @DisplayName("has all other lines that their own filter accepts, and no line about our writes")
    void others() throws Exception {
        HibernateLog mute = new HibernateLog();
        mute.open();

        mute.muted(() -> {
            logger.severe("ours");
            Thread other = new Thread(() -> logger.severe("another thread's"));
            other.start();
            other.join();
            return null;
        });
        logger.severe("after it");
        logger.severe("foreign");

        assertThat(log.messages()).containsExactly("another thread's", "after it");
        mute.close();
        assertThat(logger.getFilter()).isSameAs(foreign);
    }

    @Test
    @DisplayName("has its old filter again after every application has stopped, in any order")
    void anyOrder() {
        HibernateLog first = new HibernateLog();
        HibernateLog second = new HibernateLog();
        HibernateLog third = new HibernateLog();
        first.open();
        second.open();
        third.open();

        second.close();
        first.close();
        third.close();

        assertThat(logger.getFilter()).isSameAs(foreign);
    }
}
