package dev.tokentally.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.benchmarks.Rounds.Figure;
import dev.tokentally.benchmarks.Rounds.Series;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Rounds")
class RoundsTest {

    private final Rounds rounds = new Rounds();
    private final Measurement ours = Measurement.mean("ours", "A.b");
    private final Measurement base = Measurement.mean("base", "A.c");

    @Test
    @DisplayName(
            "are compared one by one: the result is the median, and the spread is the lowest and the highest value")
    void compared() {
        rounds.add(ours, Figure.P50, new double[] {1500, 900, 1100});
        rounds.add(base, Figure.P50, new double[] {100});
        rounds.add(ours, Figure.P50, new double[] {5000});
        rounds.add(base, Figure.P50, new double[] {3000, 4000});
        rounds.add(ours, Figure.P50, new double[] {1300});
        rounds.add(base, Figure.P50, new double[] {100});

        Series added = rounds.of(ours, Figure.P50)
                .orElseThrow()
                .minus(rounds.of(base, Figure.P50).orElseThrow());

        assertThat(added.values()).containsExactly(1000.0, 1500.0, 1200.0);
        assertThat(added.median()).isEqualTo(1200);
        assertThat(added.spread()).isEqualTo("1.00 µs to 1.50 µs, 3 rounds");
        assertThat(rounds.of(ours, Figure.P99)).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("have readable times")
    @CsvSource({
        "0, 0 ns",
        "-12.4, -12 ns",
        "999.4, 999 ns",
        "999.6, 1.00 µs",
        "48_260, 48.3 µs",
        "999_600, 1.00 ms",
        "2.5e9, 2500 ms"
    })
    void times(String nanos, String text) {
        assertThat(Rounds.time(Double.parseDouble(nanos.replace("_", "")))).isEqualTo(text);
    }
}
