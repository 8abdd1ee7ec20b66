package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A directory of the spool")
class SlotTest {

    @Test
    @DisplayName("is free again even if its lock file cannot be closed")
    void lockFileFails(@TempDir Path directory) throws IOException {
        Slot first = Slot.tryAcquire(directory).orElseThrow();
        String inUse = System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.endsWith(real(directory)))
                .findAny()
                .orElseThrow();
        assertThat(Slot.tryAcquire(directory)).isEmpty();
        first.close();
        System.setProperty(inUse, "true");
        Slot faulty = new Slot(directory, inUse, () -> {
            throw new IOException("the disk is gone");
        });

        assertThatThrownBy(faulty::close).hasMessage("the disk is gone");

        try (Slot second = Slot.tryAcquire(directory).orElseThrow()) {
            assertThat(second.directory()).isEqualTo(directory);
        }
    }

    @Test
    @DisplayName("has the names of its files forced to the disk although its thread was interrupted, which it stays")
    void interrupted(@TempDir Path directory) {
        Logger logger = Logger.getLogger(Slot.class.getName());
        logger.setLevel(Level.ALL);
        try (CapturedLog log = CapturedLog.of(logger.getName())) {
            Thread.currentThread().interrupt();
            Slot.forceNames(directory);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(log.messages()).isEmpty();
        } finally {
            logger.setLevel(null);
        }
    }

    private static String real(Path directory) {
        try {
            return directory.toRealPath().toString();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
