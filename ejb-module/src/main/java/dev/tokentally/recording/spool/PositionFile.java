package dev.tokentally.recording.spool;

import dev.tokentally.text.QuietLog;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The file that says how far records were taken out, so that the next run need not try stored records again. If the file is lost,
 * nothing is lost: no record is stored twice. The file stays open and is overwritten in place. Files.write would empty it and make
 * it again each time; callers then had to wait for the spool's lock while the file system flushed it (ext4). The {@link Spool}
 * guards it.
 */
final class PositionFile implements Closeable {

    private static final Logger LOG = QuietLog.of(PositionFile.class);

    private static final int BYTES = 20;

    private final Path path;
    private RandomAccessFile file;

    PositionFile(Path directory) {
        this.path = directory.resolve("position");
    }

    void keep(Position reached) {
        ByteBuffer position =
                ByteBuffer.allocate(BYTES).putLong(reached.segment()).putLong(reached.offset());
        position.putInt(checksum(position));
        try {
            if (file == null) {
                file = new RandomAccessFile(path.toFile(), "rw");
                file.setLength(BYTES);
            }
            file.seek(0);
            file.write(position.array());
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The position of the spool could not be stored: " + e);
        }
    }

    /** The position that was kept last; {@link Position#NONE} if there is none. */
    Position read() {
        try {
            ByteBuffer position = ByteBuffer.wrap(Files.readAllBytes(path));
            if (position.capacity() == BYTES && position.getInt(16) == checksum(position)) {
                return new Position(position.getLong(0), position.getLong(8));
            }
        } catch (IOException noneYet) {
            LOG.log(Level.DEBUG, "The position of the spool cannot be read: " + noneYet);
        }
        return Position.NONE;
    }

    private static int checksum(ByteBuffer position) {
        CRC32C crc = new CRC32C();
        crc.update(position.array(), 0, BYTES - Integer.BYTES);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
