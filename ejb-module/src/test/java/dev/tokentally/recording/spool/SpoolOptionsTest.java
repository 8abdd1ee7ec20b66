package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The options of a spool")
class SpoolOptionsTest {

    @ParameterizedTest
    @DisplayName("give refused records a tenth of the room, but no more than a start can read at once")
    @CsvSource({"16777216, 1677721", "1073741824, 107374182", "10737418240, 134217728", "1099511627776, 134217728"})
    void rejected(long maxBytes, long rejectedMaxBytes) {
        assertThat(new SpoolOptions(Path.of("spool"), maxBytes, false).rejectedMaxBytes())
                .isEqualTo(rejectedMaxBytes);
    }
}
