package dev.tokentally.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The temporary directory")
class TemporaryDirectoryTest {

    @TempDir
    private Path folder;

    private Path temporary;
    private Path kept;

    @BeforeEach
    void make() throws IOException {
        temporary = Files.createDirectory(folder.resolve("tmp"));
        kept = Files.createDirectory(folder.resolve("kept"));
    }

    @ParameterizedTest
    @DisplayName("contains itself and everything below it, whether it exists or not, and however the path is written")
    @ValueSource(strings = {"tmp", "tmp/a", "tmp/a/b/usage.mv.db", "kept/../tmp/a", "kept/no/../../tmp/a", "./tmp/./a"})
    void below(String path) {
        assertThat(TemporaryDirectory.holding(folder.resolve(path), temporary.toString()))
                .contains(temporary);
    }

    @ParameterizedTest
    @DisplayName("does not contain what is beside or above it")
    @ValueSource(strings = {"", "kept", "tmp-of-mine/a", "tmp2", "tmp/../kept/a", "tmp/no/../../kept"})
    void beside(String path) {
        assertThat(TemporaryDirectory.holding(folder.resolve(path), temporary.toString()))
                .isEmpty();
    }

    @Test
    @DisplayName(
            "contains a path that a symbolic link leads into it, even if the target does not exist yet, and no path that a link leads out of it")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void links() throws IOException {
        Files.createSymbolicLink(kept.resolve("in"), temporary);
        Files.createSymbolicLink(kept.resolve("nowhere"), Path.of("../tmp/later"));
        Files.createSymbolicLink(temporary.resolve("out"), kept);
        Files.createSymbolicLink(kept.resolve("loop"), Path.of("loop"));

        assertThat(TemporaryDirectory.holding(kept.resolve("in/a/b"), temporary.toString()))
                .contains(temporary);
        assertThat(TemporaryDirectory.holding(kept.resolve("nowhere"), temporary.toString()))
                .contains(temporary);
        assertThat(TemporaryDirectory.holding(temporary.resolve("out/a"), temporary.toString()))
                .isEmpty();
        assertThat(TemporaryDirectory.holding(kept.resolve("loop/a"), temporary.toString()))
                .isEmpty();
    }

    @Test
    @DisplayName("may be named by a symbolic link, by a relative path, or by the virtual machine")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void names() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), temporary);

        assertThat(TemporaryDirectory.holding(temporary.resolve("a"), link.toString()))
                .contains(link);
        assertThat(TemporaryDirectory.holding(Path.of("target/a"), "target")).contains(Path.of("target"));
        assertThat(TemporaryDirectory.holding(folder, System.getProperty("java.io.tmpdir")))
                .contains(Path.of(System.getProperty("java.io.tmpdir")));
    }

    @ParameterizedTest
    @DisplayName("contains nothing if there is no such directory, or if its name is impossible")
    @ValueSource(strings = {"", " ", "\0"})
    void none(String value) {
        assertThat(TemporaryDirectory.holding(folder, value)).isEmpty();
        assertThat(TemporaryDirectory.holding(folder, null)).isEmpty();
    }
}
