package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import java.util.logging.Level;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An H2 database")
class H2PlaceTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @DisplayName("has a file, whichever of H2's file systems its path names")
    @CsvSource({
        "/srv/usage, /srv/usage.mv.db",
        "nio:/srv/usage, /srv/usage.mv.db",
        "split:20:async:/srv/usage, /srv/usage.mv.db",
        "C:/srv/usage, C:/srv/usage.mv.db",
        "nioMapped:C:/srv/usage, C:/srv/usage.mv.db"
    })
    void file(String databasePath, String file) {
        assertThat(H2Place.of(databasePath).file()).isEqualTo(file);
    }

    @ParameterizedTest
    @DisplayName(
            "in the temporary directory causes a warning with the remedy, and the log promises nothing about kills")
    @ValueSource(strings = {"", "nioMapped:", "split:nio:", "split:20:async:"})
    void temporary(String fileSystem) throws SQLException {
        try (CapturedLog log = checked("jdbc:h2:" + fileSystem + folder.resolve("tmp/usage"))) {
            assertThat(log.lines()).first().satisfies(line -> {
                assertThat(line.getLevel()).isEqualTo(Level.WARNING);
                assertThat(line.getMessage())
                        .contains(
                                "every record is gone as soon as that directory is cleared",
                                "--rootdir DIR",
                                "let tokentally.datasource name a data source",
                                folder.resolve("tmp/usage.mv.db").toString(),
                                "(java.io.tmpdir) is " + folder.resolve("tmp"));
            });
            assertThat(log.messages()).noneMatch(line -> line.contains("loses none"));
        }
    }

    @Test
    @DisplayName("elsewhere causes no warning")
    void elsewhere() throws SQLException {
        try (CapturedLog log = checked("jdbc:h2:" + folder.resolve("kept/usage"))) {
            assertThat(log.messages())
                    .containsExactly(
                            "H2 was set to write each commit at once (write_delay 0), so that a kill loses none");
        }
    }

    @ParameterizedTest
    @DisplayName("in memory causes a warning, even if H2 presents the memory as a file system")
    @ValueSource(strings = {"mem:", "memFS:", "memLZF:", "nioMemFS:", "nioMemLZF:", "split:nioMemFS:"})
    void inMemory(String fileSystem) throws SQLException {
        try (CapturedLog log = checked("jdbc:h2:" + fileSystem + "/usage" + UUID.randomUUID())) {
            assertThat(log.lines()).singleElement().satisfies(line -> {
                assertThat(line.getLevel()).isEqualTo(Level.WARNING);
                assertThat(line.getMessage()).contains("in memory: every record is gone when the server stops");
            });
        }
    }

    private CapturedLog checked(String url) throws SQLException {
        CapturedLog log = CapturedLog.of(H2Durability.class.getName());
        try (Connection connection = TestDatabases.h2(url).getConnection()) {
            new H2Durability(connection, folder.resolve("tmp").toString()).check(true);
        } catch (SQLException | RuntimeException e) {
            log.close();
            throw e;
        }
        return log;
    }
}
