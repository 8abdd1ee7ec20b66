package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A data folder")
class DataFolderTest {

    @Test
    @DisplayName("loses what a killed run has left, and keeps its data")
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
    @DisplayName("can be read by its owner only")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void ownerOnly(@TempDir Path parent) throws IOException {
        DataFolder data = DataFolder.open(parent.resolve("data"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(parent.resolve("data"))))
                .isEqualTo("rwx------");
        data.release();
    }

    @Test
    @DisplayName("may have a space in its name, because the server finds the database by a relative path")
    void relative(@TempDir Path parent) throws IOException {
        DataFolder data = DataFolder.open(parent.resolve("my data"));

        assertThat(data.databaseFromTemporary()).isEqualTo(Path.of("..", "tokentally"));
        data.release();
    }

    @Test
    @DisplayName("may be a symbolic link to a folder")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void link(@TempDir Path parent) throws IOException {
        Path folder = Files.createDirectory(parent.resolve("elsewhere"));

        DataFolder.open(Files.createSymbolicLink(parent.resolve("data"), folder))
                .release();

        assertThat(folder.resolve("lock")).exists();
    }

    @Test
    @DisplayName("is refused if it is a file, with what to do")
    void file(@TempDir Path parent) throws IOException {
        Path file = Files.createFile(parent.resolve("data"));

        assertThatThrownBy(() -> DataFolder.check(file))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage(
                        "The data folder " + file + " cannot be used: it is a file and not a folder. Put that right, or"
                                + " choose another folder with -Dtokentally.data=FOLDER");
        assertThatThrownBy(() -> DataFolder.check(file.resolve("below")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining(file + " is a file and not a folder");
    }

    @Test
    @DisplayName("is refused if it is a link without a target, with the target's name")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void danglingLink(@TempDir Path parent) throws IOException {
        Path link = Files.createSymbolicLink(parent.resolve("data"), Path.of("gone"));

        assertThatThrownBy(() -> DataFolder.check(link))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("it is a symbolic link to gone, which does not exist");
        assertThatThrownBy(() -> DataFolder.check(link.resolve("below")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining(link + " is a symbolic link to gone, which does not exist");
    }

    @Test
    @DisplayName("is refused if it cannot be created, with the reason")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void readOnly(@TempDir Path parent) throws IOException {
        assumeFalse(System.getProperty("user.name").equals("root"), "root may write anywhere");
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("r-x------"));

        assertThatThrownBy(() -> DataFolder.check(parent.resolve("data")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining(parent.resolve("data") + ": permission denied");

        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx------"));
    }

    @ParameterizedTest
    @DisplayName("is refused if it has a folder where a file should be")
    @CsvSource({
        "server.log, it is a folder and not a file",
        "tokentally.mv.db, it is a folder and not a file",
        "lock, Is a directory"
    })
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void folderForFile(String name, String why, @TempDir Path parent) throws IOException {
        Files.createDirectories(parent.resolve("data").resolve(name));

        assertThatThrownBy(() -> DataFolder.check(parent.resolve("data")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining(parent.resolve("data").resolve(name) + ": " + why);
    }

    @Test
    @DisplayName("is refused if its spool is a file")
    void spool(@TempDir Path parent) throws IOException {
        Files.createFile(Files.createDirectory(parent.resolve("data")).resolve("spool"));

        assertThatThrownBy(() -> DataFolder.check(parent.resolve("data")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining(parent.resolve("data/spool") + ": it is a file and not a folder");
    }

    @Test
    @DisplayName("is refused while another run uses it, with that run's process, and is free when that run has ended")
    void twice(@TempDir Path parent) {
        Path folder = parent.resolve("data");
        DataFolder first = DataFolder.open(folder);

        assertThatThrownBy(() -> DataFolder.check(folder))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage("Another run uses " + folder + " (process "
                        + ProcessHandle.current().pid()
                        + "): stop it first, or choose another folder with -Dtokentally.data=FOLDER");

        first.release();
        assertThatCode(() -> DataFolder.check(folder)).doesNotThrowAnyException();
    }

    @Test
    @DisplayName("is refused if it has too little space, before the server needs that, but not if its space is unknown")
    void full(@TempDir Path parent) {
        assertThatThrownBy(() -> DataFolder.refuseFull(parent, 5 * 1024 * 1024))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContainingAll(
                        "The data folder " + parent + " has 5 MB of space left", "needs 300 MB", "-Dtokentally.data");
        assertThatCode(() -> DataFolder.refuseFull(parent, -1)).doesNotThrowAnyException();
        assertThatCode(() -> DataFolder.refuseFull(parent, 300 * 1024 * 1024)).doesNotThrowAnyException();
    }

    @Test
    @DisplayName("knows which temporary directory it is in")
    void temporaryDirectory(@TempDir Path parent) {
        DataFolder data = DataFolder.open(parent.resolve("data"));

        assertThat(data.temporaryDirectoryAround()).contains(Path.of(System.getProperty("java.io.tmpdir")));
        data.release();
    }
}
