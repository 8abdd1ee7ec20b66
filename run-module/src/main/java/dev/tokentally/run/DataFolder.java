package dev.tokentally.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
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
 * The folder for the data, the log and the temporary files of a run. One run at a time uses it. Only its owner can read
 * it, if a run has made it. A run neither uses a folder with files of the user's own, nor deletes anything but what runs
 * have made.
 */
final class DataFolder {

    /** The space that is needed. Payara Micro unpacks about 160 MB into its temporary folder. */
    static final long SPACE_MB = 300;

    private static final long MB = 1024 * 1024;
    private static final String CHOOSE_ANOTHER = "choose another folder with -D" + Options.DATA + "=FOLDER";

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
     * Creates the folder if it does not exist, and locks it against other runs. An existing folder must be empty, or runs
     * must have used it.
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
        if (Files.isDirectory(folder)) {
            refuseFilesOfOthers(folder);
        } else {
            create(folder);
        }
    }

    /** This comes before the lock, since even the lock may be a file of the user's own. */
    private static void refuseFilesOfOthers(Path folder) throws IOException {
        Optional<String> other = new RunFiles(folder).ofOthers();
        if (other.isPresent()) {
            throw new InvalidOptionException("The data folder " + folder + " holds other files, such as " + other.get()
                    + ": choose an empty or new folder with -D" + Options.DATA + "=FOLDER");
        }
    }

    private static void create(Path folder) throws IOException {
        Path parent = folder.getParent();
        // Only if it does not exist, since Java 17 refuses a symbolic link to a folder.
        if (!Files.isDirectory(parent)) {
            Files.createDirectories(parent);
        }
        if (hasPosixPermissions()) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectory(folder);
        }
    }

    private static FileChannel locked(Path folder) throws IOException {
        FileChannel channel = FileChannel.open(
                folder.resolve(RunFiles.LOCK),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                ByteBuffer text = StandardCharsets.US_ASCII.encode(
                        RunFiles.lockOf(ProcessHandle.current().pid()));
                // The text is written before the rest of the old one is cut off. So the file shows at any time that
                // runs use the folder.
                int length = channel.write(text, 0);
                channel.truncate(length);
                return channel;
            }
        } catch (OverlappingFileLockException ofThisProcess) {
            // This is another run too.
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        String holder = new RunFiles(folder)
                .lastProcess()
                .map(process -> " (process " + process + ")")
                .orElse("");
        throw new InvalidOptionException(
                "Another run uses " + folder + holder + ": stop it first, or " + CHOOSE_ANOTHER);
    }

    /** Deletes what a killed run left behind, also one of an earlier version. */
    private void emptyTemporaryFolder() throws IOException {
        delete(temporary());
        Optional<Path> earlier = new RunFiles(folder).earlierTemporary();
        if (earlier.isPresent()) {
            // If this run is killed now, the next one deletes the rest.
            Files.move(earlier.get(), temporary());
            delete(temporary());
        }
        Files.createDirectory(temporary());
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(folder.toString(), null, "it is not a folder");
        }
        List<Path> files;
        try (Stream<Path> found = Files.walk(folder)) {
            files = found.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path file : files) {
            Files.delete(file);
        }
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

    /** Whether other users of this machine can read the folder. They cannot if a run has made it. */
    boolean isOpenToOthers() {
        try {
            return hasPosixPermissions()
                    && !PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))
                            .endsWith("------");
        } catch (IOException unknown) {
            return false;
        }
    }

    Path folder() {
        return folder;
    }

    /** The H2 database, without the ending that H2 adds. */
    Path database() {
        return folder.resolve(RunFiles.DATABASE);
    }

    /** The file of the H2 database, with its ending. */
    Path databaseFile() {
        return folder.resolve(RunFiles.DATABASE_FILE);
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
        return folder.resolve(RunFiles.SPOOL);
    }

    Path log() {
        return folder.resolve(RunFiles.LOG);
    }

    Path temporary() {
        return folder.resolve(RunFiles.TEMPORARY);
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
