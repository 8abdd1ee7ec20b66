package dev.tokentally.recording.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk that knows which of its bytes were forced. The test decides how a force goes. */
final class WatchedDisk implements SegmentFile.Opener {

    /** Runs while the disk forces. */
    @FunctionalInterface
    interface Forcing {

        void force(int number) throws IOException;
    }

    private final AtomicInteger forces = new AtomicInteger();
    private final ThreadLocal<Written> last = new ThreadLocal<>();
    private final Forcing forcing;

    WatchedDisk(Forcing forcing) {
        this.forcing = forcing;
    }

    int forces() {
        return forces.get();
    }

    /** Whether a force that began after this thread's last write has succeeded. */
    boolean hasForcedWhatIWrote() {
        Written mine = last.get();
        return mine.file().forced >= mine.end();
    }

    @Override
    public SegmentFile open(Path path) throws IOException {
        return new Watched(SegmentFile.onDisk(path));
    }

    private record Written(Watched file, long end) {}

    private final class Watched implements SegmentFile {

        private final SegmentFile file;
        private volatile long written;
        private volatile long forced;

        Watched(SegmentFile file) {
            this.file = file;
        }

        @Override
        public void append(byte[] bytes) throws IOException {
            file.append(bytes);
            long end = written + bytes.length;
            written = end;
            last.set(new Written(this, end));
        }

        @Override
        public void truncate(long length) throws IOException {
            file.truncate(length);
        }

        @Override
        public void force() throws IOException {
            long upTo = written;
            forcing.force(forces.incrementAndGet());
            synchronized (this) {
                forced = Math.max(forced, upTo);
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
