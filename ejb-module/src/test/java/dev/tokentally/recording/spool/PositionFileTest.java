package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The position file of a spool")
class PositionFileTest {

    @TempDir
    Path directory;

    @Test
    @DisplayName("holds the last position, for the next run too, and none at first")
    void last() throws IOException {
        try (PositionFile position = new PositionFile(directory)) {
            assertThat(position.read()).isEqualTo(Position.NONE);
            position.keep(new Position(7, 1_000));
            position.keep(new Position(8, 16));
            assertThat(position.read()).isEqualTo(new Position(8, 16));
        }
        try (PositionFile next = new PositionFile(directory)) {
            assertThat(next.read()).isEqualTo(new Position(8, 16));
        }
    }

    @Test
    @DisplayName("replaces any other file in its place")
    void replacesAnotherFile() throws IOException {
        Files.writeString(directory.resolve("position"), "something that is longer than a position");
        try (PositionFile position = new PositionFile(directory)) {
            assertThat(position.read()).isEqualTo(Position.NONE);
            position.keep(new Position(1, 16));
            assertThat(position.read()).isEqualTo(new Position(1, 16));
        }
    }

    @Test
    @DisplayName("is never empty while it is replaced, so a killed process always leaves a position")
    void neverEmpty() throws IOException {
        Path file = directory.resolve("position");
        try (PositionFile position = new PositionFile(directory)) {
            position.keep(new Position(1, 1));
            CompletableFuture<Void> keeping = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 20_000; i++) {
                    position.keep(new Position(1, i));
                }
            });
            while (!keeping.isDone()) {
                assertThat(Files.size(file)).isEqualTo(20);
            }
            keeping.join();
        }
    }
}
