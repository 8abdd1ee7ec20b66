package dev.tokentally.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder for the data, the log and the temporary files of a run. One run at a time uses it, and only its owner can
 * read it.
 */
final class DataFolder {

    /** The space that is needed. Payara Micro unpacks about 160 MB into its temporary folder. */
    static final long SPACE_MB = 300;

    private static final long MB = 1024 * 1024;
    private static final String CHOOSE_ANOTHER = "choose another folder with -D" + Options.DATA + "=FOLDER";
    private static final String DATABASE = "tokentally";
    private static final String DATABASE_FILE = DATABASE + ".mv.db";

    private final Path folder;
    private final FileChannel lockFile;

    private DataFolder(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /**
     * Checks whether a run could use the folder, without locking it.
     *
     * @throws InvalidOptionException when no run could use it; the message says why and what to do
     */
    static void check(Path folder) {
        open(folder).release();
    }

    /**
     * Creates the folder if it does not exist, and locks it against other runs.
     *
     * @throws InvalidOptionException when it cannot be used; the message says why and what to do
     */
    static DataFolder open(Path given) {
        Path folder = given.toAbsolutePath().normalize();
        try {
            make(folder);
            DataFolder data = new DataFolder(folder, locked(folder));
            try {
                data.emptyTemporaryFolder();
                data.refuseWhatIsNotOurs();
                refuseFull(folder, Files.getFileStore(folder).getUsableSpace());
            } catch (IOException | InvalidOptionException e) {
                data.release();
                throw e;
            }
            return data;
        } catch (IOException e) {
            throw unusable(folder, reason(e));
        }
    }

    private static void make(Path folder) throws IOException {
        for (Path part = folder; part != null; part = part.getParent()) {
            if (Files.isSymbolicLink(part) && !Files.exists(part)) {
                throw unusable(
                        folder,
                        (part.equals(folder) ? "it" : part) + " is a symbolic link to " + Files.readSymbolicLink(part)
                                + ", which does not exist");
            }
            if (Files.exists(part) && !Files.isDirectory(part)) {
                throw unusable(
                        folder, (part.equals(folder) ? "it is a file" : part + " is a file") + " and not a folder");
            }
        }
        // Only if it does not exist, since Java 17 refuses a symbolic link to a folder.
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
        if (hasPosixPermissions()) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static FileChannel locked(Path folder) throws IOException {
        Path file = folder.resolve("lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                channel.truncate(0);
                channel.write(StandardCharsets.US_ASCII.encode(
                        Long.toString(ProcessHandle.current().pid())));
                return channel;
            }
        } catch (OverlappingFileLockException ofThisProcess) {
            // This is another run too.
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new InvalidOptionException(
                "Another run uses " + folder + holder(file) + ": stop it first, or " + CHOOSE_ANOTHER);
    }

    /** The process that wrote its number into the lock file; empty if the file cannot be read, as on Windows. */
    private static String holder(Path file) {
        try {
            String pid = Files.readString(file, StandardCharsets.US_ASCII);
            return pid.matches("\\d{1,19}") ? " (process " + pid + ")" : "";
        } catch (IOException notToBeRead) {
            return "";
        }
    }

    /** Deletes what a killed run left behind. */
    private void emptyTemporaryFolder() throws IOException {
        if (Files.exists(temporary(), LinkOption.NOFOLLOW_LINKS)) {
            List<Path> left;
            try (Stream<Path> files = Files.walk(temporary())) {
                left = files.sorted(Comparator.reverseOrder()).toList();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            for (Path file : left) {
                Files.delete(file);
            }
        }
        Files.createDirectory(temporary());
    }

    /** Refuses files of another user, such as those of a run by root. */
    private void refuseWhatIsNotOurs() throws IOException {
        for (Path file : List.of(log(), databaseFile())) {
            if (Files.isDirectory(file)) {
                throw new FileSystemException(file.toString(), null, "it is a folder and not a file");
            }
            if (Files.exists(file) && !Files.isWritable(file)) {
                throw new AccessDeniedException(file.toString());
            }
        }
        if (Files.exists(spool())) {
            if (!Files.isDirectory(spool())) {
                throw new FileSystemException(spool().toString(), null, "it is a file and not a folder");
            }
            if (!Files.isWritable(spool())) {
                throw new AccessDeniedException(spool().toString());
            }
        }
    }

    /**
     * Refuses a full disk. A number that is not positive means that the file system does not know its space, or that
     * the number does not fit a long.
     */
    static void refuseFull(Path folder, long usableBytes) {
        if (usableBytes >= 0 && usableBytes < SPACE_MB * MB) {
            throw new InvalidOptionException("The data folder " + folder + " has " + usableBytes / MB
                    + " MB of space left, and a run needs " + SPACE_MB
                    + " MB: free some, or " + CHOOSE_ANOTHER);
        }
    }

    private static InvalidOptionException unusable(Path folder, String why) {
        return new InvalidOptionException(
                "The data folder " + folder + " cannot be used: " + why + ". Put that right, or " + CHOOSE_ANOTHER);
    }

    private static String reason(IOException e) {
        if (!(e instanceof FileSystemException failure) || failure.getFile() == null) {
            return String.valueOf(e.getMessage());
        }
        String why = failure instanceof AccessDeniedException ? "permission denied" : failure.getReason();
        return failure.getFile() + ": " + (why == null ? e.getClass().getSimpleName() : why)
                + owner(Path.of(failure.getFile()));
    }

    /**
     * The owner of the file or of its nearest existing parent folder, as text; empty if the owner is not known or is
     * this user.
     */
    private static String owner(Path file) {
        Path there = file;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            String owner = there == null ? "" : Files.getOwner(there).getName();
            String user = System.getProperty("user.name", "");
            return owner.isEmpty() || owner.equals(user)
                    ? ""
                    : " (" + there + " belongs to " + owner + ", and this run is " + user + "'s)";
        } catch (IOException | UnsupportedOperationException unknown) {
            return "";
        }
    }

    private static boolean hasPosixPermissions() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    /**
     * The temporary directory of this machine, if the data is in it. A restart of the machine may then delete the data.
     */
    Optional<Path> temporaryDirectoryAround() {
        try {
            Path machines = Path.of(System.getProperty("java.io.tmpdir"));
            return folder.toRealPath().startsWith(machines.toRealPath()) ? Optional.of(machines) : Optional.empty();
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    /** The H2 database, without the ending that H2 adds. */
    Path database() {
        return folder.resolve(DATABASE);
    }

    /** The file of the H2 database, with its ending. */
    Path databaseFile() {
        return folder.resolve(DATABASE_FILE);
    }

    /**
     * The path of the database, relative to the server's working directory. A boot command's value ends at the first
     * space, so an absolute path might not work.
     */
    Path databaseFromTemporary() {
        return temporary().relativize(database());
    }

    /** The folder in which records wait during an outage of the store. */
    Path spool() {
        return folder.resolve("spool");
    }

    Path log() {
        return folder.resolve("server.log");
    }

    Path temporary() {
        return folder.resolve("tmp");
    }

    /** Unlocks the folder for other runs. */
    void release() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
