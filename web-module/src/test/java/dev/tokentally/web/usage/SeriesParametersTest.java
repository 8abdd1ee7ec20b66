package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.Window;
import dev.tokentally.web.problem.ProblemException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The parameters of a series")
class SeriesParametersTest {

    private static final List<String> DAY = List.of("day");

    @Test
    @DisplayName("only the bucket is required")
    void least() {
        assertThat(SeriesParameters.of("acme", Map.of("bucket", DAY)))
                .isEqualTo(
                        new SeriesParameters("acme", new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneOffset.UTC, null)));
        assertThatThrownBy(() -> SeriesParameters.of("acme", Map.of()))
                .isInstanceOf(ProblemException.class)
                .hasMessage("bucket is missing; it must be one of hour, day, month");
        assertThatThrownBy(() -> SeriesParameters.of("acme", Map.of("bucket", List.of("week"))))
                .hasMessage("bucket must be one of hour, day, month");
    }

    @Test
    @DisplayName("only an admin may group by tenant or name a tenant")
    void admin() {
        Map<String, List<String>> byTenant = Map.of(
                "bucket", DAY,
                "group", List.of("tenant"),
                "zone", List.of("Europe/Amsterdam"));

        assertThat(SeriesParameters.ofAll(byTenant).query())
                .isEqualTo(new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneId.of("Europe/Amsterdam"), Dimension.TENANT));
        assertThat(SeriesParameters.ofAll(Map.of("bucket", DAY, "tenant", List.of("acme")))
                        .tenant())
                .isEqualTo("acme");
        assertThatThrownBy(() -> SeriesParameters.of("acme", byTenant))
                .hasMessage(
                        "group must be one of operation, provider, model, kind, user, session, environment, requested_model, tag.KEY");
        assertThatThrownBy(() -> SeriesParameters.of("acme", Map.of("bucket", DAY, "tenant", List.of("other"))))
                .hasMessageStartingWith("unknown parameter tenant");
        assertThatThrownBy(() -> SeriesParameters.ofAll(Map.of("bucket", DAY, "tenant", List.of(""))))
                .hasMessage("tenant must not be empty");
    }

    @ParameterizedTest
    @DisplayName("an unknown zone is refused")
    @ValueSource(strings = {"", "Mars/Olympus", "europe/amsterdam", "CEST", "+25:00", "../../etc/passwd"})
    void zone(String zone) {
        assertThatThrownBy(() -> SeriesParameters.of("acme", Map.of("bucket", DAY, "zone", List.of(zone))))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("zone is not a time zone");
    }
}
