package dev.tokentally.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where a run keeps its data, its log and its temporary files; of one run at a time, and readable by its owner alone. */
final class DataFolder {

    private final Path folder;
    private final FileChannel lockFile;

    private DataFolder(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    static DataFolder open(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        FileChannel lockFile =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = lockFile.tryLock();
        if (lock == null) {
            lockFile.close();
            throw new InvalidOptionException("Another run uses " + folder + ": stop it first");
        }
        DataFolder data = new DataFolder(folder, lockFile);
        data.emptyTemporaryFolder();
        return data;
    }

    /** What a run that was killed left behind. */
    private void emptyTemporaryFolder() throws IOException {
        if (Files.exists(temporary())) {
            List<Path> left;
            try (Stream<Path> files = Files.walk(temporary())) {
                left = files.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : left) {
                Files.delete(file);
            }
        }
        Files.createDirectory(temporary());
    }

    /** The H2 database, without the ending that H2 adds. */
    Path database() {
        return folder.resolve("tokentally");
    }

    /** The same, from where the server works: a boot command's value ends at the first space of a path. */
    Path databaseFromTemporary() {
        return temporary().relativize(database());
    }

    /** Where records wait while the store is away. */
    Path spool() {
        return folder.resolve("spool").toAbsolutePath();
    }

    Path log() {
        return folder.resolve("server.log");
    }

    Path temporary() {
        return folder.resolve("tmp");
    }

    void release() throws IOException {
        lockFile.close();
    }
}
