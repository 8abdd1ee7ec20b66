package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesFigures;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.Window;
import dev.tokentally.web.json.JsonBody;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A series as JSON")
class SeriesJsonTest {

    /** A time as RFC 3339 has it. */
    private static final String RFC_3339 = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)";

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("has times of RFC 3339, with the date and the hour of the zone, also if its offset has seconds")
    @CsvSource({
        "2026-03-28T23:00:00Z, Europe/Amsterdam, 2026-03-29T00:00:00+01:00",
        "2026-03-29T22:00:00Z, Europe/Amsterdam, 2026-03-30T00:00:00+02:00",
        "1899-12-31T23:50:39Z, Europe/Paris,     1900-01-01T00:00:39+00:10",
        "1971-05-01T00:44:30Z, Africa/Monrovia,  1971-05-01T00:00:30-00:44",
        "1900-01-01T00:25:21Z, Europe/Dublin,    1900-01-01T00:00:21-00:25",
        "2026-01-01T00:00:00Z, UTC,              2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z, +00:00:59,        2026-01-01T00:01:00+00:01",
        "2026-01-01T00:00:00Z, +17:59:59,        2026-01-01T18:00:00+18:00",
        "2026-01-01T00:00:00Z, -17:59:59,        2025-12-31T06:01:00-17:59",
        "0001-01-01T00:00:00Z, -05:00,           0000-12-31T19:00:00-05:00",
        "9999-12-31T22:00:00Z, UTC,              9999-12-31T22:00:00Z"
    })
    void exact(Instant start, String zone, String text) {
        String json = json(start, start.plusSeconds(1), zone);

        assertThat(json).contains("\"start\":\"" + text + "\"");
        assertThat(text).matches(RFC_3339);
        assertThat(OffsetDateTime.parse(text).toInstant()).isEqualTo(start);
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("has no time after the year 9999")
    @CsvSource({
        "+10000-01-01T00:00:00Z, UTC,              9999-12-31T23:59:59.999999999Z",
        "9999-12-31T23:00:00Z,   Europe/Amsterdam, 9999-12-31T23:00:00Z",
        "+10000-01-01T05:00:00Z, America/New_York, 9999-12-31T23:59:59.999999999Z"
    })
    void last(Instant end, String zone, String text) {
        assertThat(json(end.minusSeconds(36_000), end, zone)).contains("\"end\":\"" + text + "\"");
        assertThat(text).matches(RFC_3339);
    }

    private static String json(Instant start, Instant end, String zone) {
        SeriesQuery query = new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneId.of(zone), null);
        SeriesBucket bucket = new SeriesBucket(start, end, SeriesFigures.ZERO, List.of());
        return new String(
                JsonBody.object(json -> SeriesJson.write(query, List.of(bucket), null, json)), StandardCharsets.UTF_8);
    }
}
