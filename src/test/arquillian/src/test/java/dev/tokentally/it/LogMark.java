package dev.tokentally.it;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A place in a server's log. The lines after it were caused by the test. */
public final class LogMark {
    private static final long PAUSE_MS = 50;

    private final Path file;
    private final long position;

    LogMark(Path file, long position) {
        this.file = file;
        this.position = position;
    }

    /** The lines since the mark. The last one may be unfinished. */
    public List<String> lines() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            byte[] bytes = new byte[Math.toIntExact(log.length() - position)];
            log.seek(position);
            log.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines since the mark that contain {@code part}. */
    public List<String> linesWith(String part) {
        return lines().stream().filter(line -> line.contains(part)).toList();
    }

    /**
     * Waits until a line since the mark contains {@code part}, and returns the first such line.
     *
     * @throws AssertionError if none came in time; it shows the lines that did
     */
    public String await(String part, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            List<String> found = linesWith(part);
            if (!found.isEmpty()) {
                return found.get(0);
            }
            if (System.nanoTime() >= deadline) {
                throw new AssertionError("No line with \"" + part + "\" in " + file + " within " + atMost.toMillis()
                        + " ms, only:\n" + String.join("\n", lines()));
            }
            Thread.sleep(PAUSE_MS);
        }
    }
}
