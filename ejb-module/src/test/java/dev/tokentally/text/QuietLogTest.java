package dev.tokentally.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.BrokenLog;
import dev.tokentally.CapturedLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A quiet log")
class QuietLogTest {

    private final Logger log = QuietLog.of(QuietLogTest.class);

    @Test
    @DisplayName("writes its lines under the name of the class")
    void writes() {
        IllegalStateException thrown = new IllegalStateException();

        try (CapturedLog captured = CapturedLog.of(QuietLogTest.class.getName())) {
            log.log(Level.INFO, "a line");
            log.log(Level.WARNING, "a failure", thrown);
            log.log(Level.ERROR, "{0} of {1}", 1, 2);

            assertThat(captured.messages()).containsExactly("a line", "a failure", "{0} of {1}");
            assertThat(captured.lines().get(1).getThrown()).isSameAs(thrown);
            assertThat(captured.lines().get(2).getParameters()).containsExactly(1, 2);
        }
        assertThat(log.getName()).isEqualTo(QuietLogTest.class.getName());
        assertThat(log.isLoggable(Level.ERROR)).isTrue();
    }

    @Test
    @DisplayName("never throws, even if the server's log does")
    void broken() {
        try (BrokenLog broken = BrokenLog.of(QuietLogTest.class.getName())) {
            log.log(Level.INFO, "a line");
            log.log(Level.WARNING, "a failure", new IllegalStateException());
            log.log(Level.ERROR, "{0} of {1}", 1, 2);
            log.log(Level.ERROR, () -> "made when needed");

            assertThat(broken.lines()).isEqualTo(4);
        }
    }
}
