package dev.tokentally.recording.spool;

import dev.tokentally.text.OneLine;
import dev.tokentally.text.QuietLog;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A directory that belongs to one deployment at a time. A lock file keeps other processes out, and a system property keeps out the
 * other deployments in this process. The property is checked first, since a process that only opens and closes a lock file loses
 * the lock that it holds on the file (POSIX).
 */
final class Slot implements AutoCloseable {

    private static final Logger LOG = QuietLog.of(Slot.class);

    private static final String IN_USE = "dev.tokentally.spool.in-use:";
    private static final int MAX_SLOTS = 1000;
    private static final int MAX_FAULTY = 10;

    private final Path directory;
    private final String inUse;
    private final Closeable lockFile;

    Slot(Path directory, String inUse, Closeable lockFile) {
        this.directory = directory;
        this.inUse = inUse;
        this.lockFile = lockFile;
    }

    Path directory() {
        return directory;
    }

    /** The first directory below {@code parent} that nobody uses. */
    static Slot acquireAny(Path parent) throws IOException {
        createForOwner(parent);
        int faulty = 0;
        for (int n = 1; n <= MAX_SLOTS; n++) {
            Path directory = parent.resolve(Integer.toString(n));
            boolean isNew = !Files.exists(directory, LinkOption.NOFOLLOW_LINKS);
            try {
                createForOwner(directory);
                Optional<Slot> slot = tryAcquire(directory);
                if (slot.isPresent()) {
                    return slot.get();
                }
            } catch (IOException e) {
                faulty++;
                if (isNew || faulty == MAX_FAULTY) {
                    // The other directories probably have the same fault, so no other one is tried.
                    throw e;
                }
                LOG.log(
                        Level.ERROR,
                        directory + " cannot be used: " + e
                                + ". Records of an earlier run may wait in it. Give the server the"
                                + " right to read and write there, and restart the application");
            }
        }
        throw new IOException("all " + MAX_SLOTS + " directories below " + parent + " are in use");
    }

    static Optional<Slot> tryAcquire(Path directory) throws IOException {
        String inUse = IN_USE + directory.toRealPath();
        if (System.getProperties().putIfAbsent(inUse, "true") != null) {
            return Optional.empty();
        }
        FileChannel lockFile = null;
        boolean acquired = false;
        try {
            lockFile = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = lockFile.tryLock();
            Optional<Slot> slot = lock == null ? Optional.empty() : Optional.of(new Slot(directory, inUse, lockFile));
            acquired = slot.isPresent();
            return slot;
        } catch (OverlappingFileLockException ofThisProcess) {
            return Optional.empty();
        } finally {
            if (!acquired) {
                release(inUse, lockFile);
            }
        }
    }

    /** The other directories beside this one. The module makes none whose name would end a line of the log, and uses none. */
    List<Path> siblings() throws IOException {
        return list(directory.getParent()).stream()
                .filter(path -> Files.isDirectory(path) && !path.equals(directory) && isOneLine(path.getFileName()))
                .toList();
    }

    private static boolean isOneLine(Path name) {
        String text = name.toString();
        return OneLine.of(text, text.length()).equals(text);
    }

    static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        } catch (UncheckedIOException whileReading) {
            throw whileReading.getCause();
        }
    }

    /** Returns when the disk has the names of all files in a directory. Some systems cannot do that. */
    static void forceNames(Path directory) {
        boolean wasInterrupted = false;
        boolean isTried = false;
        while (!isTried) {
            isTried = true;
            wasInterrupted |= Thread.interrupted();
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            } catch (ClosedByInterruptException e) {
                // An interrupt closes the channel before it has forced anything.
                isTried = false;
            } catch (IOException notOnThisSystem) {
                LOG.log(Level.DEBUG, "The spool's directory cannot be forced: " + notOnThisSystem);
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Others may not read the directory, since its files tell who pays for what. Existing directories are left as they are. The disk
     * has the names of new ones afterwards. Otherwise a power cut could take them away with everything in them.
     */
    private static void createForOwner(Path directory) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownerOnly = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
        Path there = directory.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        Files.createDirectories(directory, ownerOnly);
        for (Path made = directory.toAbsolutePath(); !made.equals(there); made = made.getParent()) {
            forceNames(made.getParent());
        }
    }

    @Override
    public void close() throws IOException {
        release(inUse, lockFile);
    }

    /** Even if the disk fails, the directory must not stay in use until the server restarts. */
    private static void release(String inUse, Closeable lockFile) throws IOException {
        try {
            if (lockFile != null) {
                lockFile.close();
            }
        } finally {
            System.getProperties().remove(inUse);
        }
    }
}
