package dev.tokentally.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Cutting time into buckets")
class BucketTest {

    private static final int MAX = SeriesQuery.MAX_BUCKETS;

    @Test
    @DisplayName("a day has 23 hours when the clocks go forward, and 25 when they go back")
    void days() {
        ZoneId amsterdam = ZoneId.of("Europe/Amsterdam");

        assertThat(lengths(Bucket.DAY, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", amsterdam))
                .containsExactly(Duration.ofHours(24), Duration.ofHours(23), Duration.ofHours(24));
        assertThat(lengths(Bucket.DAY, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", amsterdam))
                .containsExactly(Duration.ofHours(24), Duration.ofHours(25), Duration.ofHours(24));
    }

    @Test
    @DisplayName("the hour that comes twice is two buckets")
    void repeatedHour() {
        assertThat(Bucket.HOUR.edges(
                        Instant.parse("2026-10-25T00:30:00Z"),
                        Instant.parse("2026-10-25T01:30:00Z"),
                        ZoneId.of("Europe/Amsterdam"),
                        MAX))
                .containsExactly(
                        Instant.parse("2026-10-25T00:00:00Z"),
                        Instant.parse("2026-10-25T01:00:00Z"),
                        Instant.parse("2026-10-25T02:00:00Z"));
    }

    @Test
    @DisplayName("hours begin when the zone's clocks show a full hour")
    void halfHourZone() {
        assertThat(Bucket.HOUR
                        .edges(
                                Instant.parse("2026-01-01T00:00:00Z"),
                                Instant.parse("2026-01-01T00:00:00Z"),
                                ZoneId.of("Asia/Kolkata"),
                                MAX)
                        .get(0))
                .isEqualTo("2025-12-31T23:30:00Z");
    }

    @Test
    @DisplayName("a change of the clocks by half an hour shortens an hour")
    void halfHourChange() {
        // Lord Howe Island: 02:00 at +11:00 becomes 01:30 at +10:30 on 2026-04-05.
        assertThat(lengths(
                        Bucket.HOUR, "2026-04-04T14:00:00Z", "2026-04-04T15:45:00Z", ZoneId.of("Australia/Lord_Howe")))
                .containsExactly(Duration.ofHours(1), Duration.ofMinutes(30), Duration.ofHours(1));
    }

    @Test
    @DisplayName("a day without a midnight begins with its first moment")
    void noMidnight() {
        // Cairo: 00:00 becomes 01:00 on 2026-04-24.
        assertThat(Bucket.DAY
                        .edges(
                                Instant.parse("2026-04-24T12:00:00Z"),
                                Instant.parse("2026-04-24T12:00:00Z"),
                                ZoneId.of("Africa/Cairo"),
                                MAX)
                        .get(0))
                .isEqualTo("2026-04-23T22:00:00Z");
    }

    @Test
    @DisplayName("a day that a zone left out has no bucket")
    void missingDay() {
        // Samoa crossed the date line and left out 2011-12-30.
        assertThat(Bucket.DAY.edges(
                        Instant.parse("2011-12-29T12:00:00Z"),
                        Instant.parse("2011-12-31T12:00:00Z"),
                        ZoneId.of("Pacific/Apia"),
                        MAX))
                .doesNotHaveDuplicates()
                .isSorted();
    }

    @Test
    @DisplayName("months have their real lengths")
    void months() {
        assertThat(lengths(Bucket.MONTH, "2028-01-31T23:59:59Z", "2028-03-01T00:00:00Z", ZoneId.of("UTC")))
                .containsExactly(Duration.ofDays(31), Duration.ofDays(29), Duration.ofDays(31));
    }

    @ParameterizedTest
    @DisplayName("buckets follow each other without a gap, and contain both ends")
    @ValueSource(
            strings = {
                "UTC",
                "Europe/Amsterdam",
                "America/New_York",
                "Australia/Lord_Howe",
                "Africa/Cairo",
                "America/Sao_Paulo",
                "Asia/Tehran",
                "Pacific/Apia",
                "+05:45"
            })
    void withoutGaps(String zone) {
        for (Bucket bucket : Bucket.values()) {
            for (int year : new int[] {1911, 1977, 2011, 2018, 2026}) {
                Instant from = Instant.parse(year + "-01-01T00:10:00Z");
                Instant last = Instant.parse(year + "-12-31T23:59:59.999999Z");

                List<Instant> edges = bucket.edges(from, last, ZoneId.of(zone), MAX);

                assertThat(edges).doesNotHaveDuplicates().isSorted();
                assertThat(edges.get(0)).isBeforeOrEqualTo(from);
                assertThat(edges.get(1)).isAfter(from);
                assertThat(edges.get(edges.size() - 2)).isBeforeOrEqualTo(last);
                assertThat(edges.get(edges.size() - 1)).isAfter(last);
            }
        }
    }

    @ParameterizedTest
    @DisplayName("the largest allowed number of buckets is accepted, and one more is refused")
    @CsvSource({"2026-01-01T09:59:59Z, 10", "2026-01-01T10:00:00Z, 0"})
    void limit(String last, int buckets) {
        Instant from = Instant.parse("2026-01-01T00:00:00Z");
        if (buckets == 0) {
            assertThatThrownBy(() -> Bucket.HOUR.edges(from, Instant.parse(last), ZoneId.of("UTC"), 10))
                    .isInstanceOf(TooManyBucketsException.class)
                    .hasMessageContaining("10");
        } else {
            assertThat(Bucket.HOUR.edges(from, Instant.parse(last), ZoneId.of("UTC"), 10))
                    .hasSize(buckets + 1);
        }
    }

    private static Stream<Duration> lengths(Bucket bucket, String from, String last, ZoneId zone) {
        List<Instant> edges = bucket.edges(Instant.parse(from), Instant.parse(last), zone, MAX);
        return edges.subList(1, edges.size()).stream()
                .map(end -> Duration.between(edges.get(edges.indexOf(end) - 1), end));
    }
}
