package dev.tokentally.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A configuration key that nothing reads")
class UnreadKeysTest {

    @ParameterizedTest
    @DisplayName("is reported with the key that was probably meant")
    @CsvSource({
        "tokentally.retention.call, tokentally.retention.calls",
        "tokentally.datasoure, tokentally.datasource",
        "tokentally.dataSource, tokentally.datasource",
        "Tokentally.datasource, tokentally.datasource",
        "tokentally.spool.dir, tokentally.spool.directory",
        "tokentally.retention, tokentally.retention.calls",
        "tokentally.api.keys, tokentally.api-keys",
        "tokentally.max-wait, tokentally.recording.max-wait",
        "Tokentally.max-wait, tokentally.recording.max-wait",
        "tokentally.user.hashkey, tokentally.user.hash-key",
    })
    void near(String name, String meant) {
        assertThat(UnreadKeys.misspelt(Set.of(name, meant), Set.of(), Set.of(name)))
                .containsExactly(
                        "Tokentally does not read the configuration key " + name + ". Did you mean " + meant + "?");
    }

    @ParameterizedTest
    @DisplayName("may be written like a key's environment variable, and is reported unless that variable is set")
    @ValueSource(
            strings = {
                "TOKENTALLY_DATASOURCE",
                "tokentally_datasource",
                "tokentally-datasource",
                "TOKENTALLY.DATASOURCE",
                "TOKENTALLY_DATASOURE",
            })
    void likeAVariable(String name) {
        assertThat(UnreadKeys.misspelt(Set.of(name), Set.of(), Set.of(name)))
                .containsExactly("Tokentally does not read the configuration key " + name
                        + ". Did you mean tokentally.datasource?");
        assertThat(UnreadKeys.misspelt(Set.of("TOKENTALLY_DATASOURCE"), Set.of("TOKENTALLY_DATASOURCE"), Set.of()))
                .isEmpty();
    }

    @ParameterizedTest
    @DisplayName("is reported with the place of the list if it resembles no key")
    @ValueSource(strings = {"tokentally.db.host", "tokentally.data", "tokentally.", "tokentally.a\u2028b"})
    void far(String name) {
        assertThat(UnreadKeys.misspelt(Set.of(name), Set.of(), Set.of()))
                .containsExactly("Tokentally does not read the configuration key " + name.replace('\u2028', ' ')
                        + ". docs/configuration.md lists the keys that it reads");
    }

    @ParameterizedTest
    @DisplayName("is not reported if it resembles no key and is a system property, since others may read that")
    @ValueSource(strings = {"tokentally.db.host", "tokentally.data", "tokentally.port", "tokentally.server"})
    void property(String name) {
        assertThat(UnreadKeys.misspelt(Set.of(name), Set.of(), Set.of(name))).isEmpty();
    }

    @Test
    @DisplayName("is no key of any of our modules, and none of another library")
    void read() {
        Set<String> names = new TreeSet<>(Set.of("tokentallyx.datasource", "quarkus.datasource", "datasoure"));
        Setting.all().forEach(setting -> names.add(setting.key()));

        assertThat(names).hasSizeGreaterThan(25).contains("tokentally.api-keys");
        assertThat(UnreadKeys.misspelt(names, Set.of(), Set.of())).isEmpty();
    }

    @Test
    @DisplayName("is no name that WildFly makes of an environment variable with underscores")
    void variableAsKey() {
        assertThat(UnreadKeys.misspelt(
                        Set.of("tokentally.api.keys", "tokentally.service.host", "tokentally.port[8080].tcp.addr"),
                        Set.of("tokentally_api_keys", "TOKENTALLY_SERVICE_HOST", "TOKENTALLY_PORT_8080_TCP_ADDR"),
                        Set.of()))
                .isEmpty();
    }

    @Test
    @DisplayName(
            "may be a misspelt environment variable, which is reported once, whether the server also lists it as a key or not")
    void variable() {
        String told = "Tokentally does not read the environment variable TOKENTALLY_RETENTION_CALL."
                + " Did you mean TOKENTALLY_RETENTION_CALLS?";

        assertThat(UnreadKeys.misspelt(
                        Set.of("tokentally.retention.call"), Set.of("TOKENTALLY_RETENTION_CALL"), Set.of()))
                .containsExactly(told);
        assertThat(UnreadKeys.misspelt(Set.of(), Set.of("TOKENTALLY_RETENTION_CALL"), Set.of()))
                .containsExactly(told);
    }

    @ParameterizedTest
    @DisplayName("is no environment variable of the run command or of Kubernetes, which makes some for each service")
    @ValueSource(
            strings = {
                "TOKENTALLY_DB_URL",
                "TOKENTALLY_DB_USER",
                "TOKENTALLY_DB_PASSWORD",
                "TOKENTALLY_PORT",
                "TOKENTALLY_PORT_8080_TCP",
                "TOKENTALLY_SERVICE_PORT",
                "TOKENTALLY_API_PORT",
                "TOKENTALLY_NODE_PORT",
                "TOKENTALLY_USER_SERVICE_HOST",
                "TOKENTALLY_DATASOURCE",
                "PATH",
            })
    void foreignVariable(String name) {
        assertThat(UnreadKeys.misspelt(List.of(), Set.of(name), Set.of())).isEmpty();
    }

    @Test
    @DisplayName(
            "is in the log as a WARNING without its value, and so is a value that refers to something that is not set")
    void told() {
        Map<String, String> values = new HashMap<>();
        values.put("tokentally.user.hash-ke", "a secret");
        values.put("tokentally.datasource", null);
        values.put("tokentally.tags", "");
        Map<String, String> raw = new HashMap<>(values);
        raw.put("tokentally.datasource", "java:${NOWHERE}");
        raw.put("tokentally.tags", "${NOWHERE:}");
        try (CapturedLog log = CapturedLog.of(UnreadKeys.class.getName())) {
            UnreadKeys.tell(new MapConfig(values, raw, List.of()));

            assertThat(log.messages())
                    .hasSize(2)
                    .anyMatch(line -> line.endsWith("hash-ke. Did you mean tokentally.user.hash-key?"))
                    .anyMatch(line ->
                            line.startsWith("The value of the configuration key tokentally.datasource refers to"))
                    .noneMatch(line -> line.contains("secret") || line.contains("NOWHERE"));
        }
    }

    @ParameterizedTest
    @DisplayName("is none if its source finds the key under a name like that of its environment variable")
    @CsvSource({
        "TOKENTALLY_DATASOURCE, tokentally.tags, 0",
        "TOKENTALLY_RETENTION_CALL, tokentally.tags, 1",
        "TOKENTALLY_DATASOURCE, tokentally.datasource, 1",
    })
    void mountedFiles(String file, String otherFile, int lines) {
        Map<String, String> files = Map.of(file, "a secret", otherFile, "a secret");
        try (CapturedLog log = CapturedLog.of(UnreadKeys.class.getName())) {
            UnreadKeys.tell(new MapConfig(files, files, List.of(new Properties(Map.of()), new MountedFiles(files))));

            assertThat(log.messages()).hasSize(lines).noneMatch(line -> line.contains("secret"));
        }
        try (CapturedLog log = CapturedLog.of(UnreadKeys.class.getName())) {
            UnreadKeys.tell(new MapConfig(files, files, List.of(new Properties(files))));

            assertThat(log.messages()).hasSize(1);
        }
    }

    /** A source that has its names only. */
    private record Properties(Map<String, String> values) implements ConfigSource {

        @Override
        public Set<String> getPropertyNames() {
            return values.keySet();
        }

        @Override
        public String getValue(String name) {
            return values.get(name);
        }

        @Override
        public String getName() {
            return "properties";
        }
    }

    /** SmallRye's source for a folder of files, such as a mounted secret of Kubernetes. */
    private record MountedFiles(Map<String, String> values) implements ConfigSource {

        @Override
        public Set<String> getPropertyNames() {
            return values.keySet();
        }

        @Override
        public String getValue(String name) {
            String variable = name.replaceAll("[^A-Za-z0-9_]", "_");
            return Stream.of(name, variable, variable.toUpperCase(Locale.ROOT))
                    .map(values::get)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public String getName() {
            return "files";
        }
    }
}
