package dev.tokentally.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The end of a growing log. It reads only what is new, since nobody limits the log's size. Only one thread may use it. */
final class LogTail {

    private final Path log;
    private long position;

    private LogTail(Path log, long position) {
        this.log = log;
        this.position = position;
    }

    /** What is written from now on. The log need not exist yet. */
    static LogTail of(Path log) throws IOException {
        return new LogTail(log, Files.exists(log) ? Files.size(log) : 0);
    }

    /**
     * The lines since the last time. If the log is shorter than it was, somebody has emptied it, and all of its lines are new.
     *
     * @param isWritten whether somebody still writes to the log: then its last line waits until it is whole
     * @return the lines; empty if the log is gone
     * @throws IOException when the log cannot be read
     */
    List<String> newLines(boolean isWritten) throws IOException {
        byte[] bytes = newBytes();
        int length = isWritten ? wholeLines(bytes) : bytes.length;
        position += length;
        return new String(bytes, 0, length, StandardCharsets.UTF_8).lines().toList();
    }

    private byte[] newBytes() throws IOException {
        try (InputStream in = Files.newInputStream(log)) {
            if (Files.size(log) < position) {
                position = 0;
            }
            in.skipNBytes(position);
            return in.readAllBytes();
        } catch (NoSuchFileException gone) {
            return new byte[0];
        }
    }

    private static int wholeLines(byte[] bytes) {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] != '\n') {
            length--;
        }
        return length;
    }
}
