package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The spool's default place")
class SpoolHomeTest {

    @Test
    @DisplayName("is where the server keeps what outlives it")
    void byServer() {
        assertThat(place("jboss.server.data.dir", "/opt/wildfly/standalone/data"))
                .isEqualTo(Path.of("/opt/wildfly/standalone/data/tokentally-spool"));
        assertThat(place("com.sun.aas.instanceRoot", "/opt/payara/domains/one"))
                .isEqualTo(Path.of("/opt/payara/domains/one/tokentally-spool"));
    }

    @Test
    @DisplayName("is the working directory where the server's own is temporary, as Payara Micro's")
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

    private static Path place(String key, String value) {
        Properties system = new Properties();
        system.putAll(Map.of("java.io.tmpdir", "/temporary", "user.dir", "/srv/app", key, value));
        return SpoolHome.byDefault(system);
    }
}
