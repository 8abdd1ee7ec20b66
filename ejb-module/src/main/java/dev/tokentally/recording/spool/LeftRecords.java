package dev.tokentally.recording.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an application has left in its folder, in directories that no deployment uses now.
 *
 * @param waitingBytes how many bytes the records take that wait for the store
 * @param refused how many records are set aside
 */
public record LeftRecords(long waitingBytes, long refused) {

    private static final LeftRecords NONE = new LeftRecords(0, 0);

    /**
     * Looks into an application's folder. It changes nothing there, except that it may make lock files. If one directory is in use, the
     * application runs and takes over the records of the others, so the whole folder counts as empty.
     *
     * @param folder the folder of an application, with a directory for each of its deployments
     * @return what nobody uses
     * @throws IOException when the folder cannot be read
     */
    public static LeftRecords in(Path folder) throws IOException {
        List<Path> directories = new ArrayList<>();
        boolean hasFiles = false;
        for (Path directory : Slot.list(folder)) {
            if (Files.isDirectory(directory)) {
                directories.add(directory);
                hasFiles = hasFiles || hasFiles(directory);
            }
        }
        return hasFiles ? inDirectories(directories) : NONE;
    }

    private static boolean hasFiles(Path directory) throws IOException {
        return waitingBytes(directory) > 0 || RejectedFile.size(directory) > Segment.HEADER_BYTES;
    }

    /** Directories are locked only if there is something in one of them, since a deployment may want one at this moment. */
    private static LeftRecords inDirectories(List<Path> directories) throws IOException {
        LeftRecords all = NONE;
        for (Path directory : directories) {
            Optional<Slot> free = Slot.tryAcquire(directory);
            if (free.isEmpty()) {
                return NONE;
            }
            try (Slot locked = free.get()) {
                all = all.plus(
                        new LeftRecords(waitingBytes(locked.directory()), RejectedFile.records(locked.directory())));
            }
        }
        return all;
    }

    /** Without the records of the last segment that were already taken out. */
    private static long waitingBytes(Path directory) throws IOException {
        Position reached = new PositionFile(directory).read();
        long bytes = 0;
        for (Path file : Recovery.segmentFiles(directory)) {
            long from = Segment.number(file) == reached.segment() ? reached.offset() : Segment.HEADER_BYTES;
            bytes += Math.max(0, Segment.size(file) - from);
        }
        return bytes;
    }

    private LeftRecords plus(LeftRecords other) {
        return new LeftRecords(waitingBytes + other.waitingBytes, refused + other.refused);
    }

    /**
     * Whether there are none.
     *
     * @return whether nothing was left
     */
    public boolean isEmpty() {
        return waitingBytes == 0 && refused == 0;
    }
}
