package dev.tokentally.recording.spool;

import dev.tokentally.text.QuietLog;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Reads the files that earlier runs have left. At the start it reads the spool's own directory, later the directories of
 * deployments that are gone. It cuts off a frame that was not written to its end, and leaves files alone that are not ours. One
 * thread uses it.
 */
final class Recovery {

    private static final Logger LOG = QuietLog.of(Recovery.class);

    private final Slot slot;
    private final SegmentFile.Opener opener;
    private final long rejectedMaxBytes;
    /** How much is taken over at once. The limit lets the drainer go on soon, and keeps memory free. */
    private final long atOnceBytes;
    /** Files that are not ours, and are not looked at again. */
    private final Set<Path> leftAlone = new HashSet<>();

    /** What could not be read, and was named in the log already. */
    private final Set<Path> told = new HashSet<>();

    /** Files of refused records for which there was no room. */
    private final Map<Path, WithoutRoom> withoutRoom = new HashMap<>();

    Recovery(Slot slot, SegmentFile.Opener opener, long rejectedMaxBytes, long atOnceBytes) {
        this.slot = slot;
        this.opener = opener;
        this.rejectedMaxBytes = rejectedMaxBytes;
        this.atOnceBytes = atOnceBytes;
    }

    /**
     * What the spool's own directory has. A segment with a smaller number than the position's is read again: its deletion failed or
     * did not reach the disk, or a person has put the file back. The store knows the records that it has by their ids.
     *
     * @param reached up to where records were taken out
     * @throws IOException when the directory cannot be read
     */
    Own own(Position reached) throws IOException {
        List<Path> files = segmentFiles(slot.directory());
        List<Leftover> found = new ArrayList<>();
        for (Path file : files) {
            try {
                if (acceptOrLeave(file)) {
                    found.add(read(file, reached));
                }
            } catch (IOException e) {
                tell(
                        file,
                        " cannot be read and is left unchanged: ",
                        e,
                        "If it is a segment of the spool, make it readable and restart the application; otherwise move it"
                                + " elsewhere");
            }
        }
        return new Own(found, lastNumber(files, reached));
    }

    /** The number behind which the next segments begin. */
    static long lastNumber(List<Path> files, Position reached) {
        long last = Segment.higher(0, reached.segment());
        for (Path file : files) {
            last = Segment.higher(last, Segment.number(file));
        }
        return last;
    }

    /** How many bytes the segments have, as far as that can be seen without reading them. */
    static long bytes(List<Path> files) {
        long bytes = 0;
        for (Path file : files) {
            try {
                long size = Segment.size(file);
                bytes += size > Segment.MAX_BYTES ? 0 : size;
            } catch (IOException notASegment) {
                LOG.log(Level.DEBUG, "The size of a file of the spool is unknown: " + notASegment);
            }
        }
        return bytes;
    }

    private void tell(Path what, String wrong, IOException why, String remedy) {
        if (told.add(what)) {
            LOG.log(Level.ERROR, what + wrong + why + ". " + remedy);
        }
    }

    /**
     * Deletes a segment without a header, and leaves a file alone that is not ours. It looks only at the beginning, since a file that is
     * not ours may be of any size. Returns whether the file is a segment to be read.
     */
    private boolean acceptOrLeave(Path file) throws IOException {
        switch (Segment.kind(file)) {
            case EMPTY -> Files.delete(file);
            case FOREIGN -> leaveAlone(file, " is not a file of the spool and is left unchanged");
            case OTHER_VERSION ->
                leaveAlone(
                        file,
                        " was written by another version of Tokentally and is left unchanged: its records are not in the"
                                + " store until that version has run with this directory once more");
            case OURS -> {
                if (Segment.size(file) <= Segment.MAX_BYTES) {
                    return true;
                }
                leaveAlone(file, " is larger than any file of the spool and is left unchanged");
            }
        }
        return false;
    }

    private void leaveAlone(Path file, String why) {
        leftAlone.add(file);
        LOG.log(Level.ERROR, file + why);
    }

    private Leftover read(Path file, Position reached) throws IOException {
        byte[] read = Segment.read(file, 0, Segment.size(file));
        int end = Segment.endOfKept(read);
        if (end < read.length) {
            cut(file, end, read.length - end);
        }
        boolean isReached = Segment.number(file) == reached.segment() && isBoundary(read, reached.offset(), end);
        int from = isReached ? Math.toIntExact(reached.offset()) : Segment.HEADER_BYTES;
        return new Leftover(file, from, end, records(read, from, end));
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

    /** Cuts off the end of a file. If that fails, the bytes before it can still be read. */
    private void cut(Path file, long end, long size) {
        try (SegmentFile torn = opener.open(file)) {
            torn.truncate(end);
            LOG.log(
                    Level.INFO,
                    "Cut off " + size + " bytes of " + file
                            + ", a record that was being written when its process ended");
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The end of a segment could not be cut off: " + e);
        }
    }

    /** The files of a directory that have a segment's name, in order. */
    static List<Path> segmentFiles(Path directory) throws IOException {
        return Slot.list(directory).stream()
                .filter(file -> Segment.number(file) >= 0)
                .sorted()
                .toList();
    }

    /**
     * Takes over some of the records that deployments which are gone have left.
     *
     * @param home where it goes
     * @return the number of records; if it is not 0, call this method again
     * @throws SpoolClosedException when the spool was closed meanwhile
     * @throws IOException when the directories cannot be listed
     */
    long adopt(Home home) throws IOException {
        for (Path sibling : slot.siblings()) {
            try {
                long adopted = adopt(sibling, home);
                if (adopted > 0) {
                    return adopted;
                }
            } catch (SpoolClosedException stopped) {
                throw stopped;
            } catch (IOException e) {
                cannotBeTakenOver(sibling, e);
            }
        }
        return 0;
    }

    private void cannotBeTakenOver(Path what, IOException e) {
        tell(
                what,
                " cannot be taken over: ",
                e,
                "Give the server the right to read, write and delete there; the module tries it again every few seconds");
    }

    private long adopt(Path sibling, Home home) throws IOException {
        if (adoptable(sibling).isEmpty() && RejectedFile.size(sibling) == 0 && !hasOldRejected(sibling)) {
            return 0;
        }
        Optional<Slot> orphan = Slot.tryAcquire(sibling);
        if (orphan.isEmpty()) {
            return 0;
        }
        try (Slot locked = orphan.get()) {
            moveOldRejected(locked.directory());
            adoptRejected(locked, home.rejected());
            return adopt(locked, home);
        }
    }

    private static boolean hasOldRejected(Path directory) {
        return Files.isRegularFile(directory.resolve(Spool.OLD_REJECTED));
    }

    /** It is read from this directory later. If there is one already, the other waits until that has been read. */
    private void moveOldRejected(Path orphan) {
        Path here = slot.directory().resolve(Spool.OLD_REJECTED);
        if (hasOldRejected(orphan) && Files.notExists(here)) {
            Path file = orphan.resolve(Spool.OLD_REJECTED);
            try {
                Files.move(file, here);
            } catch (IOException e) {
                cannotBeTakenOver(file, e);
            }
        }
    }

    /**
     * Takes over all of them, if there is room for all. A part of them would come again and again, since their file still has them.
     * After a crash in between, the next run takes them over again. Each has its id, so none is there twice.
     */
    private void adoptRejected(Slot orphan, RejectedRecords rejected) throws SpoolClosedException {
        Path file = orphan.directory().resolve(RejectedFile.NAME);
        long size = RejectedFile.size(orphan.directory());
        WithoutRoom before = withoutRoom.remove(file);
        if (size == 0) {
            return;
        }
        if (before != null && before.size() == size && !rejected.hasRoomFor(before.needed())) {
            withoutRoom.put(file, before);
            return;
        }
        try (RejectedRecords left = RejectedRecords.open(orphan.directory(), opener, rejectedMaxBytes)) {
            long needed = rejected.missing(left);
            if (!rejected.hasRoomFor(needed)) {
                withoutRoom.put(file, new WithoutRoom(size, needed));
                tellIfTooLarge(file, needed, rejected.roomBytes());
                return;
            }
            // One at a time, since all of them together may need much memory.
            for (UUID id : left.ids()) {
                for (Rejected each : left.get(List.of(id))) {
                    rejected.add(each);
                }
            }
            rejected.force();
            left.delete();
        } catch (SpoolClosedException stopped) {
            throw stopped;
        } catch (IOException e) {
            cannotBeTakenOver(file, e);
        }
    }

    private void tellIfTooLarge(Path file, long needed, long roomBytes) {
        if (needed > roomBytes) {
            IOException tooLarge = new IOException(
                    "its records need " + needed + " bytes, and no more than " + roomBytes + " have room");
            tell(file, " cannot be taken over: ", tooLarge, "Raise tokentally.spool.max-bytes");
        }
    }

    /**
     * A file that is not read again as long as there is no room for its records.
     *
     * @param size of the file when it was read
     * @param needed how many bytes its records need here
     */
    private record WithoutRoom(long size, long needed) {}

    private List<Path> adoptable(Path directory) throws IOException {
        return segmentFiles(directory).stream()
                .filter(file -> !leftAlone.contains(file))
                .toList();
    }

    /**
     * The lock of the abandoned directory keeps all others away from its files, so appends need not wait while the files are read.
     */
    private long adopt(Slot orphan, Home home) throws IOException {
        Position reached = new PositionFile(orphan.directory()).read();
        List<Leftover> found = new ArrayList<>();
        long size = 0;
        for (Path file : adoptable(orphan.directory())) {
            try {
                if (!acceptOrLeave(file)) {
                    continue;
                }
                long next = Segment.size(file);
                if (size > 0 && size + next > atOnceBytes || !home.hasRoomFor(size + next, size == 0)) {
                    break;
                }
                found.add(read(file, reached));
                size += next;
            } catch (IOException e) {
                tell(
                        file,
                        " cannot be read and is left unchanged: ",
                        e,
                        "If it is a segment of the spool, make it readable, and its records are taken over; otherwise move"
                                + " it elsewhere");
            }
        }
        return found.isEmpty() ? 0 : home.take(found);
    }

    /** Moves a file of another deployment. Returns whether it could be moved. */
    boolean tryMove(Path file, Path here) {
        try {
            Files.move(file, here, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            cannotBeTakenOver(file, e);
            return false;
        }
    }

    /**
     * A file that an earlier run has left.
     *
     * @param file where it is
     * @param from where the first record begins that was not taken out
     * @param end of the part that is kept
     * @param records how many wait in it
     */
    record Leftover(Path file, long from, long end, long records) {

        /** The file as a segment, under the name that it has now. */
        Segment at(Path path) {
            return new Segment(path, from, end, records);
        }
    }

    /**
     * What the spool's own directory has.
     *
     * @param files in the order in which they are to be read
     * @param lastNumber the highest number that a file there has or had
     */
    record Own(List<Leftover> files, long lastNumber) {}

    /** Where the records of other deployments go. */
    interface Home {

        RejectedRecords rejected();

        boolean hasRoomFor(long size, boolean isOneFile);

        /** Answers how many records it took. */
        long take(List<Leftover> found) throws IOException;
    }
}
