package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A data folder")
class DataFolderTest {

    private static final String WRITES_ANYWHERE =
            "The message for a folder without the right to write is not tested: root may write anywhere; run the tests as"
                    + " another user";

    private static final System.Logger LOG = System.getLogger(DataFolderTest.class.getName());

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
    @DisplayName("that a run makes can be read by its owner only")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void ownerOnly(@TempDir Path parent) throws IOException {
        DataFolder data = DataFolder.open(parent.resolve("data"));

        assertThat(rights(parent.resolve("data"))).isEqualTo("rwx------");
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
    @DisplayName("is refused if even root cannot create it, with its name and the reason")
    @EnabledOnOs(OS.LINUX)
    void impossible() {
        Path folder = Path.of("/proc/data");

        assertThatThrownBy(() -> DataFolder.check(folder))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageMatching("The data folder " + folder + " cannot be used: " + folder + ": \\S.*");
    }

    @Test
    @DisplayName("is refused if this user may not create it, with the reason")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void readOnly(@TempDir Path parent) throws IOException {
        if (System.getProperty("user.name").equals("root")) {
            LOG.log(System.Logger.Level.WARNING, WRITES_ANYWHERE);
        }
        assumeFalse(System.getProperty("user.name").equals("root"), WRITES_ANYWHERE);
        permit(parent, "r-x------");

        assertThatThrownBy(() -> DataFolder.check(parent.resolve("data")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining(parent.resolve("data") + ": permission denied");

        permit(parent, "rwx------");
    }

    @ParameterizedTest
    @DisplayName("is refused if it has a folder where a file should be")
    @ValueSource(strings = {"server.log", "tokentally.mv.db"})
    void folderForFile(String name, @TempDir Path parent) throws IOException {
        Path folder = usedBefore(parent);
        Files.createDirectory(folder.resolve(name));

        assertThatThrownBy(() -> DataFolder.check(folder))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining(folder.resolve(name) + ": it is a folder and not a file");
    }

    @Test
    @DisplayName("is refused if its lock is a folder")
    void folderForLock(@TempDir Path parent) throws IOException {
        Path folder = usedBefore(parent);
        Files.delete(folder.resolve("lock"));
        Files.createDirectory(folder.resolve("lock"));

        assertThatThrownBy(() -> DataFolder.check(folder)).hasMessage(holdsOtherFiles(folder, "lock"));
    }

    @Test
    @DisplayName("is refused if its spool is a file")
    void spool(@TempDir Path parent) throws IOException {
        Path folder = usedBefore(parent);
        Files.createFile(folder.resolve("spool"));

        assertThatThrownBy(() -> DataFolder.check(folder))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining(folder.resolve("spool") + ": it is a file and not a folder");
    }

    @Test
    @DisplayName("is refused if its working folder is a link, whose target keeps its files")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void linkedWorkingFolder(@TempDir Path parent) throws IOException {
        Path mine = write(parent.resolve("mine/notes.txt"), "mine");
        Path folder = usedBefore(parent);
        Files.delete(folder.resolve("payara-tmp"));
        Files.createSymbolicLink(folder.resolve("payara-tmp"), mine.getParent());

        assertThatThrownBy(() -> DataFolder.check(folder))
                .hasMessageContaining(folder.resolve("payara-tmp") + ": it is not a folder");
        assertThat(mine).hasContent("mine");
    }

    @ParameterizedTest
    @DisplayName("is refused if it holds files of the user, all of which stay as they are, like its rights")
    @CsvSource({
        "tmp/notes.txt, tmp",
        "tmp/before-start.asadmin, tmp",
        ".profile, .profile",
        "lock, lock",
        "server.log, server.log",
        "spool/letter, spool",
        "payara-tmp/notes.txt, payara-tmp"
    })
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void filesOfTheUser(String name, String example, @TempDir Path parent) throws IOException {
        Path folder = parent.resolve("data");
        Path mine = write(folder.resolve(name), "process 77\n");
        permit(folder, "rwxr-x---");

        assertThatThrownBy(() -> DataFolder.check(folder))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage(holdsOtherFiles(folder, example));

        assertThat(mine).hasContent("process 77");
        assertThat(names(folder)).containsExactly(example);
        assertThat(rights(folder)).isEqualTo("rwxr-x---");
    }

    @Test
    @DisplayName(
            "is refused if its lock is a link to a file of the user, or if the folder itself is a link to such files")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void linkedFilesOfTheUser(@TempDir Path parent) throws IOException {
        Path mine = write(parent.resolve("mine/number"), "77");
        Path folder = Files.createDirectory(parent.resolve("data"));
        Files.createSymbolicLink(folder.resolve("lock"), mine);
        Path link = Files.createSymbolicLink(parent.resolve("link"), mine.getParent());

        assertThatThrownBy(() -> DataFolder.check(folder)).hasMessage(holdsOtherFiles(folder, "lock"));
        assertThatThrownBy(() -> DataFolder.check(link)).hasMessage(holdsOtherFiles(link, "number"));

        assertThat(mine).hasContent("77");
    }

    @Test
    @DisplayName("is refused if it is the folder of the sources, given by a relative path")
    void sources() throws IOException {
        String before = names(Path.of("")).toString();

        for (String relative : List.of("", ".", "src/..")) {
            assertThatThrownBy(() -> DataFolder.check(Path.of(relative)))
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageStartingWith("The data folder " + Path.of("").toAbsolutePath() + " holds other files");
        }

        assertThat(names(Path.of(""))).hasToString(before);
    }

    @Test
    @DisplayName("may be an empty folder, which keeps its rights")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void empty(@TempDir Path parent) throws IOException {
        Path folder = Files.createDirectory(parent.resolve("data"));
        permit(folder, "rwxr-x---");

        DataFolder.check(folder);

        assertThat(rights(folder)).isEqualTo("rwxr-x---");
    }

    @Test
    @DisplayName("keeps what the user has put there since, and its rights")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void filesAddedLater(@TempDir Path parent) throws IOException {
        Path folder = usedBefore(parent);
        Path mine = write(folder.resolve("tmp/notes.txt"), "mine");
        write(folder.resolve(".DS_Store"), "");
        permit(folder, "rwxr-x---");

        DataFolder.check(folder);

        assertThat(mine).hasContent("mine");
        assertThat(rights(folder)).isEqualTo("rwxr-x---");
    }

    @ParameterizedTest
    @DisplayName("of an earlier version goes on being used, and loses the working folder of that version")
    @ValueSource(strings = {"4711", ""})
    void earlierVersion(String lock, @TempDir Path parent) throws IOException {
        Path folder = usedByAnEarlierVersion(parent, lock);

        DataFolder data = DataFolder.open(folder);

        assertThat(folder.resolve("tmp")).doesNotExist();
        assertThat(data.temporary()).isEmptyDirectory();
        assertThat(data.databaseFile()).hasContent("rows");
        assertThat(data.log()).hasContent("[dev.tokentally.persistence.Store] LLM calls are recorded");
        assertThat(data.spool().resolve("tokentally-web/1/segment")).hasContent("records");
        data.release();
        DataFolder.check(folder);
    }

    @Test
    @DisplayName("of an earlier version keeps a folder tmp that is not known to be that version's")
    void tmpOfTheUser(@TempDir Path parent) throws IOException {
        Path alone = usedByAnEarlierVersion(parent.resolve("alone"), "4711");
        Files.delete(alone.resolve("tmp/before-start.asadmin"));
        Path amongOthers = usedByAnEarlierVersion(parent.resolve("among-others"), "4711");
        write(amongOthers.resolve("letter.txt"), "mine");

        DataFolder.check(alone);
        DataFolder.check(amongOthers);

        assertThat(alone.resolve("tmp/payaramicro-rt/domain.xml")).exists();
        assertThat(amongOthers.resolve("tmp/payaramicro-rt/domain.xml")).exists();
        assertThat(amongOthers.resolve("letter.txt")).hasContent("mine");
    }

    @Test
    @DisplayName("of an earlier version is refused if it holds other files and its log is not the product's")
    void anotherProgram(@TempDir Path parent) throws IOException {
        Path folder = usedByAnEarlierVersion(parent, "4711");
        write(folder.resolve("server.log"), "Another server is ready");
        write(folder.resolve("letter.txt"), "mine");

        assertThatThrownBy(() -> DataFolder.check(folder)).hasMessage(holdsOtherFiles(folder, "letter.txt"));
        assertThat(folder.resolve("lock")).hasContent("4711");
    }

    @Test
    @DisplayName("may hold nothing but a database that was put back from a copy")
    void restored(@TempDir Path parent) throws IOException {
        Path database = write(parent.resolve("data/tokentally.mv.db"), "rows");

        DataFolder.check(database.getParent());

        assertThat(database).hasContent("rows");
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

    /** A data folder that a run has made and released. */
    private static Path usedBefore(Path parent) {
        DataFolder.check(parent.resolve("data"));
        return parent.resolve("data");
    }

    /** What a run of an earlier version leaves if it is killed. */
    private static Path usedByAnEarlierVersion(Path parent, String lock) throws IOException {
        Path folder = parent.resolve("data");
        write(folder.resolve("lock"), lock);
        write(folder.resolve("server.log"), "[dev.tokentally.persistence.Store] LLM calls are recorded");
        write(folder.resolve("tokentally.mv.db"), "rows");
        write(folder.resolve("tokentally.trace.db"), "");
        write(folder.resolve("spool/tokentally-web/1/segment"), "records");
        write(folder.resolve("tmp/before-start.asadmin"), "set");
        write(folder.resolve("tmp/payaramicro-rt/domain.xml"), "<domain/>");
        return folder;
    }

    private static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static String rights(Path folder) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
    }

    private static void permit(Path folder, String rights) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(rights));
    }

    private static String holdsOtherFiles(Path folder, String example) {
        return "The data folder " + folder + " holds other files, such as " + example
                + ": choose an empty or new folder with -Dtokentally.data=FOLDER";
    }
}
