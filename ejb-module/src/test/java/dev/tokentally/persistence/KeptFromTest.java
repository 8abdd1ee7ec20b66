package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnOneJdk
@DisplayName("What a node knows about dropped calls")
class KeptFromTest {

    private static final Instant DROPPED = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration TWO_MINUTES = Duration.ofMinutes(2);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
    private final AtomicLong millis = new AtomicLong();
    private final KeptFrom keptFrom = new KeptFrom(new Clocks(nanos::get, millis::get));
    private final DataSource database = TestDatabases.withTables(Database.H2);

    @BeforeEach
    void dropAfterTheFirstReading() throws Exception {
        assertThat(now()).isNull();
        TestDatabases.execute(
                database,
                "update tokentally_rollup_state set kept_from = timestamp with time zone '2026-03-01 00:00:00Z' where id = 1");
        assertThat(now()).as("a moment later").isNull();
    }

    @Test
    @DisplayName("is read again after the machine slept, although one clock stood still")
    void asleep() throws Exception {
        millis.addAndGet(TWO_MINUTES.toMillis());

        assertThat(now()).isEqualTo(DROPPED);
    }

    @Test
    @DisplayName("is read again after a minute, although the wall clock was put back")
    void putBack() throws Exception {
        nanos.addAndGet(TWO_MINUTES.toNanos());
        millis.addAndGet(-TWO_MINUTES.toMillis());

        assertThat(now()).isEqualTo(DROPPED);
    }

    private Instant now() throws Exception {
        try (Connection connection = database.getConnection()) {
            return keptFrom.on(connection);
        }
    }
}
