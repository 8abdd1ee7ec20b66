package dev.tokentally.recording.spool;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;

/** The file to which records are appended now. It is a port, so that tests can have a disk that fails. */
interface SegmentFile extends Closeable {

    /** Returns when the operating system has the bytes, so that they outlive the process. */
    void append(byte[] bytes) throws IOException;

    /** Cuts off what a failed append may have left. */
    void truncate(long length) throws IOException;

    /**
     * Returns when the disk has them, so that they outlive a power cut.
     *
     * @throws ClosedChannelException when the file was closed before; the disk has not failed then
     */
    void force() throws IOException;

    /** Opens segment files for appending. */
    @FunctionalInterface
    interface Opener {

        SegmentFile open(Path path) throws IOException;

        /** Returns when the disk has the names of a directory's files, so that new and renamed files outlive a power cut. */
        default void forceNames(Path directory) {
            Slot.forceNames(directory);
        }
    }

    /**
     * A file on the local disk. It uses no FileChannel, since an interrupt of the calling thread would close that for all threads.
     */
    static SegmentFile onDisk(Path path) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        file.seek(file.length());
        return new SegmentFile() {

            @Override
            public void append(byte[] bytes) throws IOException {
                file.write(bytes);
            }

            @Override
            public void truncate(long length) throws IOException {
                file.setLength(length);
                file.seek(length);
            }

            @Override
            public synchronized void force() throws IOException {
                if (!file.getFD().valid()) {
                    throw new ClosedChannelException();
                }
                file.getFD().sync();
            }

            @Override
            public synchronized void close() throws IOException {
                file.close();
            }
        };
    }
}
