package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The end of a growing log")
class LogTailTest {

    @TempDir
    private Path folder;

    @Test
    @DisplayName("begins with what comes after it was opened, whether the log was there or not")
    void fromNowOn() throws IOException {
        Path log = folder.resolve("server.log");
        LogTail beforeTheLog = LogTail.of(log);
        append(log, "one\n");
        LogTail tail = LogTail.of(log);
        append(log, "two\nthree\n");

        assertThat(beforeTheLog.newLines(true)).containsExactly("one", "two", "three");
        assertThat(tail.newLines(true)).containsExactly("two", "three");
        assertThat(tail.newLines(true)).isEmpty();
    }

    @Test
    @DisplayName("has a line once it is whole, also one that was cut within a letter, or once nobody writes any more")
    void wholeLines() throws IOException {
        Path log = folder.resolve("server.log");
        LogTail tail = LogTail.of(log);
        byte[] letter = "ä".getBytes(StandardCharsets.UTF_8);
        append(log, "one\ntw");
        Files.write(log, Arrays.copyOf(letter, 1), StandardOpenOption.APPEND);
        assertThat(tail.newLines(true)).containsExactly("one");

        Files.write(log, Arrays.copyOfRange(letter, 1, 2), StandardOpenOption.APPEND);
        append(log, "\nthree");
        assertThat(tail.newLines(true)).containsExactly("twä");
        assertThat(tail.newLines(false)).containsExactly("three");
    }

    @Test
    @DisplayName("is empty if the log is gone")
    void gone() throws IOException {
        Path log = folder.resolve("server.log");
        append(log, "one\n");
        LogTail tail = LogTail.of(log);
        Files.delete(log);

        assertThat(tail.newLines(true)).isEmpty();
    }

    private static void append(Path log, String text) throws IOException {
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
