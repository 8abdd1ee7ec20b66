package dev.tokentally.recording.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** A real disk that fails after a number of bytes, or stops as if the power had failed. */
final class BrittleDisk implements SegmentFile.Opener {

    /** A truncate counts as this many bytes, so that a crash can also happen during one. */
    private static final int TRUNCATE = 200;

    private long bytesLeft;
    private final boolean crashes;
    private boolean truncates = true;
    private Random hiccups;
    private boolean broken;

    private BrittleDisk(long bytesLeft, boolean crashes) {
        this.bytesLeft = bytesLeft;
        this.crashes = crashes;
    }

    /** Throws an IOException in the middle of the write that exceeds this number of bytes, and at each later one. */
    static BrittleDisk failingAfter(long bytes) {
        return new BrittleDisk(bytes, false);
    }

    /** Throws {@link Crash} at that point, and writes nothing after it. */
    static BrittleDisk crashingAfter(long bytes) {
        return new BrittleDisk(bytes, true);
    }

    void repair() {
        bytesLeft = Long.MAX_VALUE;
    }

    void failToTruncate() {
        truncates = false;
    }

    /** Sometimes fails in the middle of a write, and then works again. */
    BrittleDisk withHiccups(Random random) {
        hiccups = random;
        return this;
    }

    @Override
    public SegmentFile open(Path path) throws IOException {
        dieIfBroken();
        SegmentFile file = SegmentFile.onDisk(path);
        return new SegmentFile() {

            @Override
            public void append(byte[] bytes) throws IOException {
                dieIfBroken();
                if (hiccups != null && bytesLeft >= bytes.length && hiccups.nextInt(10) == 0) {
                    int written = hiccups.nextInt(bytes.length + 1);
                    bytesLeft -= written;
                    file.append(Arrays.copyOf(bytes, written));
                    throw new IOException("Input/output error");
                }
                if (bytes.length <= bytesLeft) {
                    bytesLeft -= bytes.length;
                    file.append(bytes);
                    return;
                }
                file.append(Arrays.copyOf(bytes, (int) bytesLeft));
                bytesLeft = 0;
                if (crashes) {
                    broken = true;
                    throw new Crash();
                }
                throw new IOException("No space left on device");
            }

            @Override
            public void truncate(long length) throws IOException {
                dieIfBroken();
                if (!truncates) {
                    throw new IOException("truncate");
                }
                if (crashes && bytesLeft < TRUNCATE) {
                    broken = true;
                    // It stops before the truncate or after it.
                    if (bytesLeft % 2 == 0) {
                        file.truncate(length);
                    }
                    throw new Crash();
                }
                bytesLeft -= crashes ? TRUNCATE : 0;
                file.truncate(length);
            }

            @Override
            public void force() throws IOException {
                dieIfBroken();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    private void dieIfBroken() {
        if (broken) {
            throw new Crash();
        }
    }

    /** Stands for the end of the process. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }
}
