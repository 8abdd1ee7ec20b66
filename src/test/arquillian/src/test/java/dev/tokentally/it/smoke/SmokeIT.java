package dev.tokentally.it.smoke;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.DataSources;
import dev.tokentally.it.LogMark;
import dev.tokentally.it.OnOneServer;
import dev.tokentally.it.Postgres;
import dev.tokentally.it.TestServer;
import java.time.Duration;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the set-up of a server, with an application that has nothing of the product. */
@OnOneServer
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The server of this run")
class SmokeIT {
    private final SmokeClient client = new SmokeClient("/smoke");

    @Deployment(testable = false)
    static Archive<?> application() {
        return SmokeArchive.named("smoke");
    }

    @Test
    @DisplayName("answers over HTTP, in a zone with daylight saving")
    void answers() throws Exception {
        assertThat(client.get("/zone")).isEqualTo("Europe/Amsterdam");
    }

    @ParameterizedTest
    @EnumSource(value = DataSources.class, mode = EnumSource.Mode.EXCLUDE, names = "REFUSING")
    @DisplayName("writes a row to a data source and reads it")
    void writesARow(DataSources source) throws Exception {
        Postgres.started();

        assertThat(client.writeRow(source.jndiName(), "row " + UUID.randomUUID()))
                .isEqualTo("1");
    }

    @Test
    @DisplayName("uses the same PostgreSQL as the tests")
    void sharesPostgres() throws Exception {
        Postgres postgres = Postgres.started();
        String text = "row " + UUID.randomUUID();

        client.writeRow(DataSources.POSTGRES.jndiName(), text);

        assertThat(postgres.query("select text from smoke where text = ?", text))
                .singleElement()
                .satisfies(row -> assertThat(row).containsEntry("text", text));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataSources.class,
            names = {"POSTGRES", "SMALL", "XA", "NONJTA"})
    @DisplayName("works again after PostgreSQL was restarted or killed under its open connections")
    void survivesRestarts(DataSources source) throws Exception {
        Postgres postgres = Postgres.started();
        String text = "row " + UUID.randomUUID();
        assertThat(client.writeRow(source.jndiName(), text)).isEqualTo("1");

        postgres.restart();
        assertThat(client.writeRow(source.jndiName(), text)).isEqualTo("2");

        postgres.kill();
        assertThat(client.writeRow(source.jndiName(), text)).startsWith("failed after");
        postgres.start();
        assertThat(client.writeRow(source.jndiName(), text)).isEqualTo("3");
    }

    /** The tests of a store that is away rely on both. */
    @Test
    @DisplayName("gives up on a PostgreSQL that does not answer, and in half that time if nobody listens")
    void givesUp() throws Exception {
        Postgres postgres = Postgres.started();
        String text = "row " + UUID.randomUUID();

        long withoutAnswer;
        postgres.freeze();
        try {
            withoutAnswer = nanosToFail(DataSources.POSTGRES, text);
        } finally {
            postgres.thaw();
        }
        assertThat(client.writeRow(DataSources.POSTGRES.jndiName(), text)).isEqualTo("1");

        long withoutListener = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            withoutListener = Math.min(withoutListener, nanosToFail(DataSources.REFUSING, "never"));
        }
        assertThat(withoutListener).isLessThan(withoutAnswer / 2);
    }

    private long nanosToFail(DataSources source, String text) {
        long start = System.nanoTime();
        assertThat(client.writeRow(source.jndiName(), text)).startsWith("failed after");
        return System.nanoTime() - start;
    }

    @Test
    @DisplayName("writes its application's log lines where the tests read them")
    void logs() throws Exception {
        LogMark mark = TestServer.current().log().mark();
        String text = "a line of " + UUID.randomUUID();

        client.post("/log", "text", text);

        assertThat(mark.await(text, Duration.ofSeconds(5))).contains(text);
    }

    @Test
    @DisplayName("runs in a process that the tests know")
    void hasAProcess() {
        assertThat(TestServer.current().process())
                .hasValueSatisfying(process -> assertThat(process.isAlive()).isTrue());
    }
}
