package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {

    private static final Map<String, String> POSTGRES = Map.of(
            "TOKENTALLY_DB_URL", "jdbc:postgresql://127.0.0.1/usage",
            "TOKENTALLY_DB_USER", "me",
            "TOKENTALLY_DB_PASSWORD", "secret");

    @Test
    @DisplayName("without choices it is port 8080, new keys and H2")
    void defaults() {
        assertThat(Options.of(new Properties(), Map.of())).isEqualTo(new Options(8080, Optional.empty(), false, false));
    }

    @Test
    @DisplayName("port, keys, PostgreSQL and a provider can be chosen")
    void chosen() {
        Properties system = new Properties();
        system.setProperty("tokentally.port", "9090");

        assertThat(Options.of(system, POSTGRES).port()).isEqualTo(9090);
        assertThat(Options.of(system, POSTGRES).postgres()).isTrue();
        assertThat(Options.of(system, Map.of("TOKENTALLY_API_KEYS", "a:tenant:00"))
                        .apiKeys())
                .contains("a:tenant:00");
        assertThat(Options.of(system, Map.of("TOKENTALLY_LLM_BASE_URL", "https://host/v1"))
                        .provider())
                .isTrue();
        assertThat(Options.of(system, Map.of("TOKENTALLY_LLM_BASE_URL", " ")).provider())
                .isFalse();
    }

    @ParameterizedTest
    @DisplayName("what is no port is refused, with what is")
    @ValueSource(strings = {"0", "65536", "-1", "http", "", "99999999999"})
    void noPort(String port) {
        Properties system = new Properties();
        system.setProperty("tokentally.port", port);

        assertThatThrownBy(() -> Options.of(system, Map.of()))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage("-Dtokentally.port=" + port + " is no port: allowed is a number from 1 to 65535");
    }

    @Test
    @DisplayName("half a choice of PostgreSQL is refused, with what is missing, and without the password")
    void halfAChoice() {
        assertThatThrownBy(() -> Options.of(new Properties(), Map.of("TOKENTALLY_DB_PASSWORD", "secret")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageEndingWith("not set: TOKENTALLY_DB_URL, TOKENTALLY_DB_USER")
                .hasMessageNotContaining("secret");
    }

    @Test
    @DisplayName("the URL of another database is refused, and not shown, as it may hold a password")
    void anotherDatabase() {
        Map<String, String> mysql = Map.of(
                "TOKENTALLY_DB_URL", "jdbc:mysql://127.0.0.1/usage?password=secret",
                "TOKENTALLY_DB_USER", "me",
                "TOKENTALLY_DB_PASSWORD", "x");

        assertThatThrownBy(() -> Options.of(new Properties(), mysql))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("TOKENTALLY_DB_URL")
                .hasMessageNotContaining("secret");
    }
}
