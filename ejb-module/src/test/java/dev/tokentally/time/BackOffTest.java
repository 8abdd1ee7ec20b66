package dev.tokentally.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The pauses between tries")
class BackOffTest {

    @Test
    @DisplayName("double from the first to the longest, and stay there")
    void grows() {
        assertThat(IntStream.rangeClosed(1, 8)
                        .mapToObj(BackOff.STORE::after)
                        .map(Duration::toMillis)
                        .toList())
                .containsExactly(250L, 500L, 1000L, 2000L, 4000L, 5000L, 5000L, 5000L);
    }

    @ParameterizedTest
    @DisplayName("never shrink, however often something has failed")
    @CsvSource({"1, 86400000", "2000, 3600000", "250, 250"})
    void never(long first, long longest) {
        BackOff pauses = new BackOff(Duration.ofMillis(first), Duration.ofMillis(longest));

        assertThat(pauses.after(1).toMillis()).isEqualTo(first);
        for (int failures : new int[] {31, 32, 33, 63, 64, 65, 1000, Integer.MAX_VALUE}) {
            assertThat(pauses.after(failures).toMillis()).isEqualTo(longest);
        }
    }

    @ParameterizedTest
    @DisplayName("need a first pause, and a longest pause that is not shorter")
    @CsvSource({"PT0S, PT1S", "PT-1S, PT1S", "PT2S, PT1S"})
    void refused(Duration first, Duration longest) {
        assertThatThrownBy(() -> new BackOff(first, longest)).isInstanceOf(IllegalArgumentException.class);
    }
}
