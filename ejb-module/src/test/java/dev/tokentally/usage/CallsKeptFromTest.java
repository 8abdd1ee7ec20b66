package dev.tokentally.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An answer after calls were dropped")
class CallsKeptFromTest {

    private static final Instant KEPT = Instant.parse("2026-08-01T00:00:00Z");

    private static UsageQuestion question(Window window) {
        return new UsageQuestion("acme", window);
    }

    @ParameterizedTest
    @DisplayName("needs no calls for what the rollups hold, over whole quarters of an hour")
    @ValueSource(strings = {"tenant", "operation", "model", "requested_model", "provider", "kind", "environment"})
    void fromRollups(String dimension) {
        Window early = new Window(Instant.parse("2026-07-01T00:15:00Z"), Instant.parse("2026-07-02T23:45:00Z"));
        Dimension group = Dimension.of(dimension);

        assertThat(question(Window.ALWAYS).by(group).callsKeptFrom(KEPT)).isNull();
        assertThat(question(early).by(group).callsKeptFrom(KEPT)).isNull();
        assertThat(question(early).where(group, "x").callsKeptFrom(KEPT)).isNull();
        assertThat(new SeriesQuery(early, Bucket.DAY, ZoneOffset.UTC, group).callsKeptFrom(KEPT))
                .isNull();
    }

    @ParameterizedTest
    @DisplayName("needs calls for users, sessions and tags")
    @ValueSource(strings = {"user", "session", "tag.team"})
    void fromCalls(String dimension) {
        Dimension group = Dimension.of(dimension);

        assertThat(question(Window.ALWAYS).by(Dimension.MODEL, group).callsKeptFrom(KEPT))
                .isEqualTo(KEPT);
        assertThat(question(Window.ALWAYS).where(group, "x").callsKeptFrom(KEPT))
                .isEqualTo(KEPT);
        assertThat(new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneOffset.UTC, group).callsKeptFrom(KEPT))
                .isEqualTo(KEPT);
        assertThat(question(Window.ALWAYS).by(group).callsKeptFrom(null)).isNull();
        assertThat(question(new Window(KEPT, null)).by(group).callsKeptFrom(KEPT))
                .isNull();
    }

    @ParameterizedTest
    @DisplayName("needs calls if an end of its window cuts a quarter of an hour before that time")
    @CsvSource({
        "2026-07-01T00:00:01Z, 2026-07-02T00:00:00Z, true",
        "2026-07-01T00:00:00Z, 2026-07-02T00:14:59.999999Z, true",
        "2026-07-01T00:00:00.000001Z, 2026-09-02T00:00:00Z, true",
        "1969-07-20T20:17:40Z, 2026-07-02T00:00:00Z, true",
        "1969-07-20T20:15:00Z, 2026-07-02T00:00:00Z, false",
        "2026-07-01T00:00:00Z, 2026-08-02T00:14:59Z, false",
        "2026-08-01T00:00:01Z, 2026-08-02T00:00:00Z, false"
    })
    void edges(Instant from, Instant to, boolean needsCalls) {
        assertThat(question(new Window(from, to)).callsKeptFrom(KEPT)).isEqualTo(needsCalls ? KEPT : null);
    }

    @Test
    @DisplayName("of single calls lacks the calls before that time")
    void lists() {
        assertThat(Window.ALWAYS.callsKeptFrom(KEPT)).isEqualTo(KEPT);
        assertThat(new Window(KEPT.minusNanos(1), null).callsKeptFrom(KEPT)).isEqualTo(KEPT);
        assertThat(new Window(KEPT, null).callsKeptFrom(KEPT)).isNull();
        assertThat(Window.ALWAYS.callsKeptFrom(null)).isNull();
    }
}
