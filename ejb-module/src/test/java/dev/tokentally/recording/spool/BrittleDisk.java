package dev.tokentally.recording.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** A disk that fails, or stops as if the power had gone, after a number of bytes; until then it is a real one. */
final class BrittleDisk implements SegmentFile.Opener {

    private long bytesLeft;
    private final boolean crashes;
    private boolean truncates = true;
    private boolean forces = true;
    private boolean broken;

    private BrittleDisk(long bytesLeft, boolean crashes) {
        this.bytesLeft = bytesLeft;
        this.crashes = crashes;
    }

    /** Throws an IOException in the middle of the write that needs more than so many bytes, and at each one later. */
    static BrittleDisk failingAfter(long bytes) {
        return new BrittleDisk(bytes, false);
    }

    /** Throws {@link Crash} there, after which nothing is written any more. */
    static BrittleDisk crashingAfter(long bytes) {
        return new BrittleDisk(bytes, true);
    }

    void repair() {
        bytesLeft = Long.MAX_VALUE;
    }

    void failToTruncate() {
        truncates = false;
    }

    void forces(boolean well) {
        forces = well;
    }

    @Override
    public SegmentFile open(Path path) throws IOException {
        dieIfBroken();
        SegmentFile file = SegmentFile.onDisk(path);
        return new SegmentFile() {

            @Override
            public void append(byte[] bytes) throws IOException {
                dieIfBroken();
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
                file.truncate(length);
            }

            @Override
            public void force() throws IOException {
                dieIfBroken();
                if (!forces) {
                    throw new IOException("force");
                }
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

    /** The end of the process. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }
}
