package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {

    private static final Map<String, String> POSTGRES = Map.of(
            "TOKENTALLY_DB_URL", "jdbc:postgresql://127.0.0.1/usage",
            "TOKENTALLY_DB_USER", "me",
            "TOKENTALLY_DB_PASSWORD", "secret");

    @Test
    @DisplayName("the defaults are port 8080, new keys and H2")
    void defaults() {
        assertThat(Options.of(new Properties(), Map.of()))
                .isEqualTo(new Options(8080, Optional.empty(), 0, Optional.empty(), false));
    }

    @Test
    @DisplayName("port, keys, PostgreSQL and a provider can be chosen")
    void chosen() {
        Properties system = new Properties();
        system.setProperty("tokentally.port", "9090");
        system.setProperty("tokentally.data", "elsewhere");

        assertThat(Options.of(system, POSTGRES).port()).isEqualTo(9090);
        assertThat(Options.of(system, POSTGRES).data()).contains(Path.of("elsewhere"));
        assertThat(Options.of(system, POSTGRES).database())
                .contains(new Postgres("jdbc:postgresql://127.0.0.1/usage", "me", "secret"));
        assertThat(Options.of(system, Map.of("TOKENTALLY_API_KEYS", "a:tenant:" + "0".repeat(64)))
                        .apiKeys())
                .isEqualTo(1);
        assertThat(Options.of(system, Map.of("TOKENTALLY_LLM_BASE_URL", "https://host/v1", "TOKENTALLY_LLM_MODEL", "m"))
                        .provider())
                .isTrue();
    }

    @ParameterizedTest
    @DisplayName("a wrong port is refused, with the allowed numbers")
    @ValueSource(strings = {"0", "65536", "70000", "-1", "abc", "", "99999999999"})
    void noPort(String port) {
        Properties system = new Properties();
        system.setProperty("tokentally.port", port);

        assertThatThrownBy(() -> Options.of(system, Map.of()))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage("-Dtokentally.port=" + port + " is no port: allowed is a number from 1 to 65535");
    }

    @Test
    @DisplayName("incomplete settings of PostgreSQL are refused, with the missing ones and without the password")
    void halfAChoice() {
        assertThatThrownBy(() -> Options.of(new Properties(), Map.of("TOKENTALLY_DB_PASSWORD", "secret")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageEndingWith("not set: TOKENTALLY_DB_URL, TOKENTALLY_DB_USER")
                .hasMessageNotContaining("secret");
    }

    @Test
    @DisplayName("the URL of another database is refused and not shown, since it may contain a password")
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

    @ParameterizedTest
    @DisplayName("a value that names no folder for the data is refused")
    @ValueSource(strings = {"", " "})
    void noFolder(String folder) {
        Properties system = new Properties();
        system.setProperty("tokentally.data", folder);

        assertThatThrownBy(() -> Options.of(system, Map.of()))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage("-Dtokentally.data=" + folder + " names no folder");
    }

    @Test
    @DisplayName("a value that is no path is refused with the reason, and with the remedy if the locale lacks a letter")
    void noPath() {
        Properties system = new Properties();
        system.setProperty("tokentally.data", "a\0b");
        assertThatThrownBy(() -> Options.of(system, Map.of()))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage("-Dtokentally.data=a\0b names no folder: Nul character not allowed");

        // Half a character is in no locale.
        system.setProperty("tokentally.data", "a\ud83d");
        assertThatThrownBy(() -> Options.of(system, Map.of()))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageEndingWith(" names no folder: the locale lacks a character of it, so run the command with"
                        + " LANG=C.UTF-8 in the environment");
    }

    @ParameterizedTest
    @DisplayName("a folder that begins with ~ is refused, since the shell leaves it, with what to write instead")
    @CsvSource({"~, /home/me", "~/x y/z, /home/me/x y/z", "~other/x, /home/me/x"})
    void tilde(String folder, String whole) {
        Properties system = new Properties();
        system.setProperty("user.home", "/home/me");
        system.setProperty("tokentally.data", folder);

        assertThatThrownBy(() -> Options.of(system, Map.of()))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage("-Dtokentally.data=" + folder + " begins with ~, which the shell does not replace there:"
                        + " write the whole path, such as \"-Dtokentally.data=" + whole + "\"");
    }

    @ParameterizedTest
    @DisplayName("a ~ elsewhere in the folder's name is allowed")
    @ValueSource(strings = {"./~", "x~", "/srv/~me"})
    void tildeInAName(String folder) {
        Properties system = new Properties();
        system.setProperty("tokentally.data", folder);

        assertThat(Options.of(system, Map.of()).data()).contains(Path.of(folder));
    }

    @Test
    @DisplayName("a blank user of PostgreSQL is refused, but not a password, since there may be none")
    void blankUser() {
        Map<String, String> environment = new HashMap<>(POSTGRES);
        environment.put("TOKENTALLY_DB_PASSWORD", "");
        assertThat(Options.of(new Properties(), environment).database()).isPresent();

        environment.put("TOKENTALLY_DB_USER", " ");
        assertThatThrownBy(() -> Options.of(new Properties(), environment))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage("TOKENTALLY_DB_USER is blank: set it to the name of PostgreSQL's user");
    }

    @ParameterizedTest
    @DisplayName("a user in the URL of PostgreSQL is refused and not shown, since the driver takes it for the host")
    @ValueSource(
            strings = {
                "jdbc:postgresql://me:secret@127.0.0.1/usage",
                "jdbc:postgresql://me:secret@127.0.0.1:5432/usage",
                "jdbc:postgresql:me:secret@127.0.0.1/usage"
            })
    void userInTheUrl(String url) {
        Map<String, String> environment = new HashMap<>(POSTGRES);
        environment.put("TOKENTALLY_DB_URL", url);

        assertThatThrownBy(() -> Options.of(new Properties(), environment))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage(
                        "TOKENTALLY_DB_URL has a user in it, which PostgreSQL's driver does not read there: put user"
                                + " and password into TOKENTALLY_DB_USER and TOKENTALLY_DB_PASSWORD");
    }

    @ParameterizedTest
    @DisplayName("a variable that has no effect is refused, with what to set instead, and its value is not shown")
    @CsvSource({
        "TOKENTALLY_PORT, 'is not read: choose the port with -Dtokentally.port=N'",
        "TOKENTALLY_DATA, 'is not read: choose the folder with -Dtokentally.data=FOLDER'",
        "TOKENTALLY_SPOOL_DIRECTORY, 'cannot be chosen, since the run command sets it itself: choose the folder of all"
                + " data with -Dtokentally.data=FOLDER'",
        "TOKENTALLY_DATASOURCE, 'cannot be chosen, since the run command makes the data source itself: for PostgreSQL"
                + " set TOKENTALLY_DB_URL, TOKENTALLY_DB_USER and TOKENTALLY_DB_PASSWORD'",
        "tokentally.datasource, 'cannot be chosen, since the run command makes the data source itself: for PostgreSQL"
                + " set TOKENTALLY_DB_URL, TOKENTALLY_DB_USER and TOKENTALLY_DB_PASSWORD'"
    })
    void variableWithoutEffect(String name, String message) {
        Map<String, String> environment = new HashMap<>(POSTGRES);
        environment.put(name, "secret");

        assertThatThrownBy(() -> Options.of(new Properties(), environment))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage(name + " " + message);

        environment.put(name, "");
        assertThat(Options.of(new Properties(), environment).database()).isPresent();
    }

    @Test
    @DisplayName(
            "a system property that has no effect is refused, with the variable to set, and its value is not shown")
    void propertyWithoutEffect() {
        Properties system = new Properties();
        system.setProperty("tokentally.prot", "9090");
        system.setProperty("tokentally.api-keys", "demo:tenant:secret");
        system.setProperty("TOKENTALLY_USER", "plain");
        system.setProperty("tokentally.data", "elsewhere");
        String refused = " has no effect: the run command reads only -Dtokentally.port and -Dtokentally.data. Set a"
                + " configuration key as an environment variable, here ";

        assertThatThrownBy(() -> Options.of(system, Map.of()))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage("-DTOKENTALLY_USER" + refused + "TOKENTALLY_USER\n" + "-Dtokentally.api-keys" + refused
                        + "TOKENTALLY_API_KEYS\n" + "-Dtokentally.prot" + refused + "TOKENTALLY_PROT");
    }

    @Test
    @DisplayName("all mistakes are reported together, each in a line of its own")
    void all() {
        Properties system = new Properties();
        system.setProperty("tokentally.port", "0");

        assertThatThrownBy(() -> Options.of(
                        system,
                        Map.of(
                                "TOKENTALLY_DB_USER", "me",
                                "TOKENTALLY_API_KEYS", "demo:tenant:secret",
                                "TOKENTALLY_LLM_API_KEY", "secret key")))
                .isInstanceOf(InvalidOptionException.class)
                .extracting(fault -> fault.getMessage().lines().toList(), InstanceOfAssertFactories.list(String.class))
                .hasSize(6)
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).startsWith("-Dtokentally.port=0"),
                        line -> assertThat(line).startsWith("TOKENTALLY_API_KEYS: entry 1 is wrong"),
                        line -> assertThat(line).startsWith("PostgreSQL needs"),
                        line -> assertThat(line).startsWith("TOKENTALLY_LLM_BASE_URL is not set"),
                        line -> assertThat(line).startsWith("TOKENTALLY_LLM_MODEL is not set"),
                        line -> assertThat(line).startsWith("TOKENTALLY_LLM_API_KEY is wrong"));
    }
}
