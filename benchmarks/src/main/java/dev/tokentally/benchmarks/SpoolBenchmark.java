package dev.tokentally.benchmarks;

import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.usage.CallRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Appends to a spool that nobody drains. It is compared with a file to which each record is written and forced. */
public class SpoolBenchmark {

    /** Appends to the spool. */
    @Benchmark
    public void append(OpenSpool spool) throws IOException {
        spool.append();
    }

    /** Appends to a shared file; each thread forces its own record. The kernel may combine concurrent forces. */
    @Benchmark
    public void forceEach(OneFile file) throws IOException {
        file.append();
    }

    /** The same, one thread after the other, so that each record certainly has a force of its own. */
    @Benchmark
    public void forceByTurns(OneFile file) throws IOException {
        synchronized (file) {
            file.append();
        }
    }

    /** Each iteration has its own spool, so that it never becomes full. */
    @State(Scope.Benchmark)
    public static class OpenSpool {

        /** The value of {@code tokentally.spool.durability}. */
        @Param({"process", "power"})
        public String durability;

        private final CallRecord record = SampleCall.record();
        private SpoolDirectory directory;
        private Spool spool;

        @Setup(Level.Iteration)
        public void open() throws IOException {
            directory = SpoolDirectory.create();
            spool = Spool.open(new SpoolOptions(directory.path(), Long.MAX_VALUE, durability.equals("power")));
        }

        void append() throws IOException {
            spool.append(record);
        }

        @TearDown(Level.Iteration)
        public void close() throws IOException {
            spool.close();
            directory.close();
        }
    }

    /** A file, and as many bytes as a record takes in the spool. */
    @State(Scope.Benchmark)
    public static class OneFile {

        private byte[] frame;
        private SpoolDirectory directory;
        private FileChannel file;

        @Setup(Level.Iteration)
        public void open() throws IOException {
            frame = new byte[frameBytes()];
            directory = SpoolDirectory.create();
            file = FileChannel.open(
                    directory.path().resolve("records"), StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND);
        }

        void append() throws IOException {
            file.write(ByteBuffer.wrap(frame));
            file.force(true);
        }

        @TearDown(Level.Iteration)
        public void close() throws IOException {
            file.close();
            directory.close();
        }

        private static int frameBytes() {
            try (SpoolDirectory measured = SpoolDirectory.create();
                    Spool spool = Spool.open(new SpoolOptions(measured.path(), Long.MAX_VALUE, false))) {
                spool.append(SampleCall.record());
                long header = 16;
                return Math.toIntExact(spool.next(1).orElseThrow().end() - header);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
