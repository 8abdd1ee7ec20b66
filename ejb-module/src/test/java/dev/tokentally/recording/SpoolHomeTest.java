package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Level;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The spool's default place")
class SpoolHomeTest {

    @Test
    @DisplayName("is below the server's own data directory")
    void byServer() {
        assertThat(place("jboss.server.data.dir", "/opt/wildfly/standalone/data"))
                .isEqualTo(Path.of("/opt/wildfly/standalone/data/tokentally-spool"));
        assertThat(place("com.sun.aas.instanceRoot", "/opt/payara/domains/one"))
                .isEqualTo(Path.of("/opt/payara/domains/one/tokentally-spool"));
    }

    @Test
    @DisplayName("is the working directory if the server's own directory is temporary, as on Payara Micro")
    void micro() {
        assertThat(place("com.sun.aas.instanceRoot", "/temporary/payaramicro-rt1234"))
                .isEqualTo(Path.of("/srv/app/tokentally-spool"));
        assertThat(place("other", "")).isEqualTo(Path.of("/srv/app/tokentally-spool"));
    }

    @Test
    @DisplayName("has a folder for each application, whatever its name is")
    void folder() {
        assertThat(SpoolHome.folder("shop-1.0")).isEqualTo("shop-1.0");
        assertThat(SpoolHome.folder("..")).doesNotStartWith(".");
        assertThat(SpoolHome.folder("a/b")).matches("a_b-[0-9a-f]+").isNotEqualTo(SpoolHome.folder("a?b"));
    }

    @Test
    @DisplayName("is the working directory, too, if a link leads to the server's own temporary directory")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void linked(@TempDir Path folder) throws IOException {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), temporary);
        Properties system = new Properties();
        system.putAll(Map.of(
                "java.io.tmpdir", link.toString(),
                "user.dir", "/srv/app",
                "com.sun.aas.instanceRoot", temporary.resolve("payaramicro-rt1").toString()));

        assertThat(SpoolHome.byDefault(system)).isEqualTo(Path.of("/srv/app/tokentally-spool"));
    }

    @Test
    @DisplayName("causes a warning with the remedy if it is in the temporary directory, and only then")
    void temporary(@TempDir Path folder) {
        Properties system = new Properties();
        system.setProperty("java.io.tmpdir", folder.resolve("tmp").toString());
        try (CapturedLog log = CapturedLog.of(SpoolHome.class.getName())) {
            SpoolHome.warnOfTemporary(folder.resolve("kept/spool"), system);
            assertThat(log.messages()).isEmpty();

            SpoolHome.warnOfTemporary(folder.resolve("tmp/spool/shop"), system);

            assertThat(log.lines()).singleElement().satisfies(line -> {
                assertThat(line.getLevel()).isEqualTo(Level.WARNING);
                assertThat(line.getMessage())
                        .contains(
                                "gone as soon as that directory is cleared",
                                "Let tokentally.spool.directory name a directory elsewhere",
                                folder.resolve("tmp/spool/shop").toString(),
                                "(java.io.tmpdir) is " + folder.resolve("tmp"));
            });
        }
    }

    private static Path place(String key, String value) {
        Properties system = new Properties();
        system.putAll(Map.of("java.io.tmpdir", "/temporary", "user.dir", "/srv/app", key, value));
        return SpoolHome.byDefault(system);
    }
}
