package dev.tokentally.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    @DisplayName("without configuration the safe defaults apply")
    void defaults() {
        Settings settings = new Settings(new MapConfig(Map.of()));

        assertThat(settings.datasource()).isEqualTo("java:comp/DefaultDataSource");
        assertThat(settings.migrateSchema()).isTrue();
        assertThat(settings.missingScope()).isEqualTo(MissingScope.FAIL);
        assertThat(settings.recordingMode()).isEqualTo(RecordingMode.SYNC);
        assertThat(settings.maxWait()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.spoolDirectory()).isEmpty();
        assertThat(settings.spoolMaxBytes()).isEqualTo(1L << 30);
        assertThat(settings.spoolSurvivesPowerCut()).isFalse();
        assertThat(settings.userNames()).isEqualTo(UserNames.OFF);
        assertThat(settings.userHash()).isEmpty();
        assertThat(settings.tagKeys()).isEmpty();
        assertThat(Setting.API_KEYS.in(new MapConfig(Map.of()))).isNull();
        assertThat(Setting.API_FAILED_ATTEMPTS.in(new MapConfig(Map.of()))).isEqualTo(100);
    }

    @Test
    @DisplayName("configured values replace the defaults")
    void configured() {
        Settings settings = new Settings(new MapConfig(Map.of(
                "tokentally.datasource", "jdbc/usage",
                "tokentally.schema.migrate", "false",
                "tokentally.missing-scope", "pass-through",
                "tokentally.recording.mode", "write-behind",
                "tokentally.recording.max-wait", "250ms",
                "tokentally.spool.directory", "/var/spool/usage",
                "tokentally.spool.max-bytes", "16777216",
                "tokentally.spool.durability", "power",
                "tokentally.tags", "team , cost-centre,A.b_1")));

        assertThat(settings.datasource()).isEqualTo("jdbc/usage");
        assertThat(settings.migrateSchema()).isFalse();
        assertThat(settings.missingScope()).isEqualTo(MissingScope.PASS_THROUGH);
        assertThat(settings.recordingMode()).isEqualTo(RecordingMode.WRITE_BEHIND);
        assertThat(settings.maxWait()).isEqualTo(Duration.ofMillis(250));
        assertThat(settings.spoolDirectory()).contains("/var/spool/usage");
        assertThat(settings.spoolMaxBytes()).isEqualTo(1L << 24);
        assertThat(settings.spoolSurvivesPowerCut()).isTrue();
        assertThat(settings.tagKeys()).containsExactly("A.b_1", "cost-centre", "team");
    }

    @Test
    @DisplayName("calls and rollups are kept forever, or for a number of hours or days")
    void retention() {
        assertThat(new Settings(new MapConfig(Map.of())).retentionOfCalls()).isEmpty();
        assertThat(new Settings(new MapConfig(Map.of())).retentionOfRollups()).isEmpty();

        Settings settings = new Settings(
                new MapConfig(Map.of("tokentally.retention.calls", "36h", "tokentally.retention.rollups", "36500d")));

        assertThat(settings.retentionOfCalls()).contains(Duration.ofHours(36));
        assertThat(settings.retentionOfRollups()).contains(Duration.ofDays(36_500));
        assertThat(new Settings(new MapConfig(Map.of("tokentally.retention.calls", "forever"))).retentionOfCalls())
                .isEmpty();
    }

    @Test
    @DisplayName("a shorter retention for rollups than for calls is refused with both keys")
    void rollupsShorterThanCalls() {
        assertThatThrownBy(() -> new Settings(new MapConfig(
                        Map.of("tokentally.retention.calls", "90d", "tokentally.retention.rollups", "89d"))))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("tokentally.retention.rollups is set to \"89d\"")
                .hasMessageContaining("no shorter than tokentally.retention.calls=90d");
        assertThatThrownBy(() -> new Settings(new MapConfig(Map.of("tokentally.retention.rollups", "36500d"))))
                .hasMessageContaining("no shorter than tokentally.retention.calls=forever");
        new Settings(
                new MapConfig(Map.of("tokentally.retention.calls", "90d", "tokentally.retention.rollups", "2160h")));
    }

    @Test
    @DisplayName("a retention without rollups is refused with both keys")
    void retentionWithoutRollups() {
        assertThatThrownBy(() -> new Settings(
                        new MapConfig(Map.of("tokentally.retention.calls", "90d", "tokentally.rollups", "false"))))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("tokentally.retention.calls is set to \"90d\"")
                .hasMessageContaining("tokentally.rollups=false");
    }

    @ParameterizedTest(name = "{0}={1}")
    @DisplayName("a wrong value is refused with its key, the value and what is allowed")
    @CsvSource({
        "tokentally.schema.migrate, ture, true or false",
        "tokentally.schema.migrate, TRUE, true or false",
        "tokentally.missing-scope, ignore, fail or pass-through",
        "tokentally.datasource, ' ', a JNDI name",
        "tokentally.recording.mode, async, sync or write-behind",
        "tokentally.recording.max-wait, 1, a time from 10ms to 60s",
        "tokentally.recording.max-wait, 9ms, a time from 10ms to 60s",
        "tokentally.recording.max-wait, 61s, a time from 10ms to 60s",
        "tokentally.recording.max-wait, 1m, a time from 10ms to 60s",
        "tokentally.recording.max-wait, -1s, a time from 10ms to 60s",
        "tokentally.spool.directory, ' ', a directory that can be written to",
        "tokentally.spool.max-bytes, 16777215, a number of bytes from 16777216 on",
        "tokentally.spool.max-bytes, 1G, a number of bytes from 16777216 on",
        "tokentally.spool.durability, disk, process or power",
        "tokentally.retention.calls, 90, 'a time from 1h to 36500d, such as 36h or 90d, or forever'",
        "tokentally.retention.calls, 0h, 'a time from 1h to 36500d'",
        "tokentally.retention.calls, 36501d, 'a time from 1h to 36500d'",
        "tokentally.retention.rollups, 1m, 'a time from 1h to 36500d'",
        "tokentally.retention.rollups, -1d, 'a time from 1h to 36500d'",
        "tokentally.user, on, 'off, hashed or plain'",
        "tokentally.user, PLAIN, 'off, hashed or plain'",
        "tokentally.tags, 'team,', names separated by commas",
        "tokentally.tags, 'team,,x', names separated by commas",
        "tokentally.tags, 'cost centre', names separated by commas",
        "tokentally.tags, '-x', names separated by commas",
        "tokentally.tags, 'tëam', names separated by commas",
        "tokentally.tags, 'team,Team', names separated by commas",
    })
    void wrongValue(String key, String value, String allowed) {
        assertThatThrownBy(() -> new Settings(new MapConfig(Map.of(key, value))))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining(key)
                .hasMessageContaining("\"" + value + "\"")
                .hasMessageContaining(allowed);
    }

    @Test
    @DisplayName("users' names are hashed with a key, and a missing key is refused by its name")
    void hashKey() {
        assertThatThrownBy(() -> new Settings(new MapConfig(Map.of("tokentally.user", "hashed"))))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith(
                        "The configuration key tokentally.user.hash-key is missing, and tokentally.user=hashed needs it");

        assertThat(new Settings(new MapConfig(
                                Map.of("tokentally.user", "hashed", "tokentally.user.hash-key", "secret")))
                        .userHash())
                .isPresent();
        assertThat(new Settings(new MapConfig(Map.of("tokentally.user.hash-key", "secret"))).userHash())
                .isPresent();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("a size that is not a number or out of range is refused")
    @CsvSource({"1023", "67108865", "1k", "-1", "99999999999"})
    void wrongSize(String value) {
        assertThatThrownBy(() ->
                        Setting.API_MAX_BODY_BYTES.in(new MapConfig(Map.of("tokentally.api.max-body-bytes", value))))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("tokentally.api.max-body-bytes")
                .hasMessageContaining("from 1024 to 67108864");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("a number of failed attempts that is not a number or out of range is refused")
    @CsvSource({"0", "1000001", "-1", "many", "99999999999999999999"})
    void wrongNumberOfFailedAttempts(String value) {
        assertThatThrownBy(() ->
                        Setting.API_FAILED_ATTEMPTS.in(new MapConfig(Map.of("tokentally.api.failed-attempts", value))))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("tokentally.api.failed-attempts")
                .hasMessageContaining("from 1 to 1000000");
    }
}
