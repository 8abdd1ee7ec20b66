package dev.tokentally.recording.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What an application has left in its folder, in directories that no deployment uses now.
 *
 * @param waitingBytes how many bytes the records take that wait for the store
 * @param refused how many records are set aside
 */
public record LeftRecords(long waitingBytes, long refused) {

    /**
     * Looks into an application's folder. It changes nothing there, except that it may make a lock file. A directory that is in use,
     * or that cannot be locked, counts as empty.
     *
     * @param folder the folder of an application, with a directory for each of its deployments
     * @return what nobody uses
     * @throws IOException when the folder cannot be read
     */
    public static LeftRecords in(Path folder) throws IOException {
        LeftRecords all = new LeftRecords(0, 0);
        for (Path directory : Slot.list(folder)) {
            if (Files.isDirectory(directory) && hasFiles(directory)) {
                all = all.plus(inDirectory(directory));
            }
        }
        return all;
    }

    /** Only a directory with such files is locked, since a deployment may want it at this moment. */
    private static boolean hasFiles(Path directory) throws IOException {
        return waitingBytes(directory) > 0 || RejectedFile.size(directory) > Segment.HEADER_BYTES;
    }

    private static LeftRecords inDirectory(Path directory) throws IOException {
        Optional<Slot> free = Slot.tryAcquire(directory);
        if (free.isEmpty()) {
            return new LeftRecords(0, 0);
        }
        try (Slot locked = free.get()) {
            return new LeftRecords(waitingBytes(locked.directory()), RejectedFile.records(locked.directory()));
        }
    }

    /** Without the records of the last segment that were already taken out. */
    private static long waitingBytes(Path directory) throws IOException {
        long[] reached = new PositionFile(directory).read();
        long bytes = 0;
        for (Path file : Recovery.segmentFiles(directory)) {
            long from = Segment.number(file) == reached[0] ? reached[1] : Segment.HEADER_BYTES;
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
