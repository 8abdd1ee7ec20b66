package dev.tokentally.recording.spool;

import dev.tokentally.text.QuietLog;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The segment to which records are appended: the last one of the queue, if there is one. The {@link Spool} guards it. */
final class Tail {

    private static final Logger LOG = QuietLog.of(Tail.class);

    private final Slot slot;
    private final SegmentQueue queue;
    private final SegmentFile.Opener opener;
    private final int segmentBytes;
    private final boolean survivesPowerCut;
    private final Runnable lost;

    /** Null if nothing is appended to the last segment. */
    private SegmentFile file;

    private long lastNumber;

    /**
     * Begins a segment when a record comes.
     *
     * @param survivesPowerCut whether a segment is forced to the disk before it is closed
     * @param lost runs if the last segment could not be forced
     */
    Tail(
            Slot slot,
            SegmentQueue queue,
            SegmentFile.Opener opener,
            int segmentBytes,
            boolean survivesPowerCut,
            Runnable lost) {
        this.slot = slot;
        this.queue = queue;
        this.opener = opener;
        this.segmentBytes = segmentBytes;
        this.survivesPowerCut = survivesPowerCut;
        this.lost = lost;
    }

    /** The next segments get higher numbers than this one. */
    void beginBehind(long number) {
        lastNumber = number;
    }

    /** The file to which records are appended; null if there is none. */
    SegmentFile file() {
        return file;
    }

    /** Whether records are appended to this segment. */
    boolean isAt(Segment segment) {
        return file != null && queue.isLast(segment);
    }

    /** The number and the name for another segment. A file that somebody has put there is neither replaced nor appended to. */
    Path nextPath() {
        Path path;
        do {
            lastNumber++;
            path = Segment.path(slot.directory(), lastNumber);
        } while (Files.exists(path, LinkOption.NOFOLLOW_LINKS));
        return path;
    }

    /** Appends a frame. If the disk takes only a part of it, the segment stays as it was. */
    void append(byte[] frame) throws IOException {
        if (file == null || queue.last().end + frame.length > segmentBytes) {
            retire();
            begin();
        }
        try {
            file.append(frame);
        } catch (IOException e) {
            undo(e);
            throw e;
        }
        queue.appended(frame.length);
    }

    private void begin() throws IOException {
        // The number is counted even if the write fails. The write may leave bytes there, and nothing must be written
        // behind them.
        Path path = nextPath();
        SegmentFile opened = opener.open(path);
        try {
            opened.append(Segment.header());
            if (survivesPowerCut) {
                opened.force();
                opener.forceNames(slot.directory());
            }
        } catch (IOException | RuntimeException e) {
            opened.close();
            Files.deleteIfExists(path);
            throw e;
        }
        queue.addLast(Segment.empty(path));
        file = opened;
    }

    /** Half a frame must not be followed by a whole one. If it cannot be cut off, nothing is written behind it. */
    private void undo(IOException failure) {
        try {
            file.truncate(queue.last().end);
        } catch (IOException e) {
            failure.addSuppressed(e);
            retireQuietly();
        }
    }

    /** Appends nothing more to the segment. */
    void retire() throws IOException {
        if (file == null) {
            return;
        }
        SegmentFile last = file;
        file = null;
        try (last) {
            if (survivesPowerCut) {
                force(last);
            }
        } catch (IOException e) {
            lost.run();
            throw e;
        }
    }

    private void force(SegmentFile last) throws IOException {
        // Another thread's force may wait for this monitor. After this one has failed, that one may succeed without the
        // bytes that could not be written. So that thread must know of the failure before it can go on.
        synchronized (last) {
            try {
                last.force();
            } catch (IOException e) {
                lost.run();
                throw e;
            }
        }
    }

    void retireQuietly() {
        try {
            retire();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "A segment of the spool could not be closed: " + e);
        }
    }
}
