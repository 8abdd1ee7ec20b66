package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {

    @Test
    @DisplayName("what a killed run left is cleared, and the data is kept")
    void leftovers(@TempDir Path parent) throws IOException {
        DataFolder first = DataFolder.open(parent.resolve("data"));
        Files.createDirectories(first.temporary().resolve("unpacked/server"));
        Files.writeString(first.database(), "rows");
        first.release();

        DataFolder second = DataFolder.open(parent.resolve("data"));

        assertThat(second.temporary()).isEmptyDirectory();
        assertThat(second.database()).hasContent("rows");
        second.release();
    }

    @Test
    @DisplayName("nobody but its owner reads it")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void ownerOnly(@TempDir Path parent) throws IOException {
        DataFolder data = DataFolder.open(parent.resolve("data"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(parent.resolve("data"))))
                .isEqualTo("rwx------");
        data.release();
    }

    @Test
    @DisplayName("the server finds the database by a path that holds nothing of ours, such as a space")
    void relative(@TempDir Path parent) throws IOException {
        DataFolder data = DataFolder.open(parent.resolve("my data"));

        assertThat(data.databaseFromTemporary()).isEqualTo(Path.of("..", "tokentally"));
        data.release();
    }
}
