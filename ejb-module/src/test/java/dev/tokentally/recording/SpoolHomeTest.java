package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

    @ParameterizedTest
    @DisplayName("is configured by a key, which a refused value names with the reason")
    @MethodSource("noPaths")
    void noPath(String directory, String shown, String reason) {
        Settings settings = new Settings(new MapConfig(Map.of("tokentally.spool.directory", directory)));

        assertThatThrownBy(() -> SpoolHome.of(settings, "shop"))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith("The configuration key tokentally.spool.directory is set to \"" + shown + "\"")
                .hasMessageEndingWith(reason);
    }

    static Stream<Arguments> noPaths() {
        return Stream.of(
                Arguments.of("/srv/a\0b", "/srv/a b", "Nul character not allowed"),
                // Half a character is in no locale, as a letter may not be in that of a server.
                Arguments.of("/srv/\ud83d", "/srv/ ", "start the server with LANG=C.UTF-8 in its environment"));
    }

    private static Path place(String key, String value) {
        Properties system = new Properties();
        system.putAll(Map.of("java.io.tmpdir", "/temporary", "user.dir", "/srv/app", key, value));
        return SpoolHome.byDefault(system);
    }
}
