package dev.tokentally.recording.spool;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads the files that earlier runs have left. At the start it reads the spool's own directory, later the directories of
 * deployments that are gone. It cuts off a frame that was not written to its end, and leaves files alone that are not ours. One
 * thread uses it.
 */
final class Recovery {

    private static final Logger LOG = System.getLogger(Recovery.class.getName());

    private final Slot slot;
    private final SegmentFile.Opener opener;
    private final long rejectedMaxBytes;
    /** How much is taken over at once. The limit lets the drainer go on soon, and keeps memory free. */
    private final long atOnceBytes;
    /** Files that are not ours in the directories of other deployments, and that the log has named already. */
    private final Set<Path> leftAlone = new HashSet<>();

    Recovery(Slot slot, SegmentFile.Opener opener, long rejectedMaxBytes, long atOnceBytes) {
        this.slot = slot;
        this.opener = opener;
        this.rejectedMaxBytes = rejectedMaxBytes;
        this.atOnceBytes = atOnceBytes;
    }

    /**
     * What the spool's own directory has.
     *
     * @param reached the segment, and the place in it, up to which records were taken out
     */
    Own own(long[] reached) throws IOException {
        long lastNumber = reached[0];
        long taken = Segment.HEADER_BYTES;
        List<Leftover> found = new ArrayList<>();
        for (Path file : segmentFiles(slot.directory())) {
            lastNumber = Math.max(lastNumber, Segment.number(file));
            byte[] read = Files.readAllBytes(file);
            if (Segment.number(file) < reached[0] && Segment.kind(read) == Segment.Kind.OURS) {
                Files.delete(file);
                continue;
            }
            Optional<Segment> ours = recover(file, read);
            if (ours.isPresent()) {
                long end = ours.get().end;
                long from = Segment.HEADER_BYTES;
                if (found.isEmpty() && ours.get().number == reached[0] && isBoundary(read, reached[1], end)) {
                    from = reached[1];
                    taken = from;
                }
                found.add(new Leftover(file, end, records(read, Math.toIntExact(from), end)));
            }
        }
        return new Own(found, lastNumber, taken);
    }

    private static boolean isBoundary(byte[] read, long at, long end) {
        return at == end || at >= Segment.HEADER_BYTES && at < end && Frames.isWhole(read, Math.toIntExact(at));
    }

    private static long records(byte[] read, int from, long end) {
        long count = 0;
        int at = from;
        while (at < end) {
            if (Frames.isWhole(read, at)) {
                count++;
                at += Frames.sizeAt(read, at);
            } else {
                at = Frames.nextWhole(read, at + 1);
            }
        }
        return count;
    }

    private Optional<Segment> recover(Path file, byte[] read) throws IOException {
        switch (Segment.kind(read)) {
            case EMPTY -> Files.delete(file);
            case FOREIGN -> LOG.log(Level.ERROR, file + " is not a file of the spool and is left unchanged");
            case OTHER_VERSION ->
                LOG.log(
                        Level.ERROR,
                        file
                                + " was written by another version of Tokentally and is left unchanged: its records are not in the"
                                + " store until that version has run with this directory once more");
            case OURS -> {
                int end = Segment.endOfKept(read);
                if (end < read.length) {
                    LOG.log(
                            Level.INFO,
                            "Cut off " + (read.length - end) + " bytes of " + file
                                    + ", a record that was being written when its process ended");
                    cut(file, end);
                }
                return Optional.of(new Segment(Segment.number(file), file, end));
            }
        }
        return Optional.empty();
    }

    private void cut(Path file, long end) throws IOException {
        try (SegmentFile torn = opener.open(file)) {
            torn.truncate(end);
        }
    }

    /** The files of a directory that have a segment's name, in order. */
    static List<Path> segmentFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> Segment.number(file) >= 0).sorted().toList();
        }
    }

    /**
     * Takes over some of the records that deployments which are gone have left.
     *
     * @param home where it goes
     * @return the number of records; if it is not 0, call this method again
     */
    long adopt(Home home) throws IOException {
        for (Path sibling : slot.siblings()) {
            if (adoptable(sibling).isEmpty() && RejectedRecords.size(sibling) == 0) {
                continue;
            }
            Optional<Slot> orphan = Slot.tryAcquire(sibling);
            if (orphan.isPresent()) {
                try (Slot locked = orphan.get()) {
                    adoptRejected(locked, home.rejected());
                    long adopted = adopt(locked, home);
                    if (adopted > 0) {
                        return adopted;
                    }
                }
            }
        }
        return 0;
    }

    /**
     * Takes over all of them, if there is room for all. After a crash in between, the next run takes them over again. Each has its
     * id, so none is there twice.
     */
    private void adoptRejected(Slot orphan, RejectedRecords rejected) throws IOException {
        if (RejectedRecords.size(orphan.directory()) == 0) {
            return;
        }
        try (RejectedRecords left = RejectedRecords.open(orphan.directory(), opener, rejectedMaxBytes)) {
            for (Rejected each : left.all()) {
                if (!rejected.hasRoomFor(each)) {
                    return;
                }
                rejected.add(each);
            }
            rejected.force();
            left.delete();
        }
    }

    private List<Path> adoptable(Path directory) throws IOException {
        return segmentFiles(directory).stream()
                .filter(file -> !leftAlone.contains(file))
                .toList();
    }

    /**
     * The lock of the abandoned directory keeps all others away from its files, so appends need not wait while the files are read.
     */
    private long adopt(Slot orphan, Home home) throws IOException {
        List<Leftover> found = new ArrayList<>();
        long size = 0;
        for (Path file : adoptable(orphan.directory())) {
            long next = Files.size(file);
            if (size > 0 && size + next > atOnceBytes || !home.hasRoomFor(size + next, size == 0)) {
                break;
            }
            byte[] read = Files.readAllBytes(file);
            Optional<Segment> ours = recover(file, read);
            if (ours.isPresent()) {
                long end = ours.get().end;
                found.add(new Leftover(file, end, records(read, Segment.HEADER_BYTES, end)));
                size += end;
            } else {
                leftAlone.add(file);
            }
        }
        return found.isEmpty() ? 0 : home.take(found);
    }

    /**
     * A file that an earlier run has left.
     *
     * @param file where it is
     * @param end of the part that is kept
     * @param records how many wait in it
     */
    record Leftover(Path file, long end, long records) {}

    /**
     * What the spool's own directory has.
     *
     * @param files in the order in which they are to be read
     * @param lastNumber the highest number that a file there has or had
     * @param taken up to where records of the first file were taken out
     */
    record Own(List<Leftover> files, long lastNumber, long taken) {}

    /** Where the records of other deployments go. */
    interface Home {

        RejectedRecords rejected();

        boolean hasRoomFor(long size, boolean isOneFile);

        /** Answers how many records it took. */
        long take(List<Leftover> found) throws IOException;
    }
}
