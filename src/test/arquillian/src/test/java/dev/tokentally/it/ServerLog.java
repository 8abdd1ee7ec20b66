package dev.tokentally.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A log file to which a server only ever appends. */
public final class ServerLog {
    private final Path file;

    public ServerLog(Path file) {
        this.file = file;
    }

    public Path file() {
        return file;
    }

    /** Remembers where the log ends now; a log that does not exist yet ends at its beginning. */
    public LogMark mark() {
        return new LogMark(file, length());
    }

    private long length() {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
