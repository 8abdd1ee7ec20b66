package dev.tokentally.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A directory on the disk of the build, since temporary directories are often in memory. It is deleted when it is
 * closed.
 */
final class SpoolDirectory implements AutoCloseable {

    static final String PARENT = "tokentally.benchmark.directory";

    private final Path path;

    private SpoolDirectory(Path path) {
        this.path = path;
    }

    static SpoolDirectory create() {
        try {
            Path parent = Path.of(System.getProperty(PARENT, "target"));
            return new SpoolDirectory(Files.createTempDirectory(Files.createDirectories(parent), "spool"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
