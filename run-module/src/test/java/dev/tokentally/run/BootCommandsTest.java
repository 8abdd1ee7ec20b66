package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BootCommandsTest {

    @Test
    @DisplayName("the server listens on this machine alone, whatever the database")
    void loopback() {
        assertThat(BootCommands.beforeStart(true, Path.of("db"))).contains("http-listener.address=127.0.0.1");
        assertThat(BootCommands.beforeStart(false, Path.of("db"))).contains("http-listener.address=127.0.0.1");
    }

    @Test
    @DisplayName("H2 writes each commit at once")
    void h2() {
        assertThat(BootCommands.beforeStart(false, Path.of("db"))).contains("jdbc:h2:file:db;WRITE_DELAY=0");
        assertThat(BootCommands.afterStart(false)).isEmpty();
    }

    @Test
    @DisplayName("the commands contain no credentials, only the names of the variables that do")
    void credentials() {
        assertThat(BootCommands.afterStart(true))
                .contains(
                        "${ENV\\=TOKENTALLY_DB_URL}", "${ENV\\=TOKENTALLY_DB_USER}", "${ENV\\=TOKENTALLY_DB_PASSWORD}");
    }
}
