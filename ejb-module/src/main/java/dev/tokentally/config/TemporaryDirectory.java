package dev.tokentally.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The directory that the Java virtual machine has for temporary files. What lies below it may be gone after a restart, so
 * nothing that must be kept may lie there.
 */
public final class TemporaryDirectory {

    /** The system property that names the directory. */
    public static final String PROPERTY = "java.io.tmpdir";

    /** As many as Linux follows; more are a loop. */
    private static final int MAX_LINKS = 40;

    private TemporaryDirectory() {}

    /**
     * Tells whether a file or directory lies in a temporary directory. Symbolic links are followed on both sides.
     *
     * @param path a file or directory, which need not exist yet; not null
     * @param temporary the value of the system property {@link #PROPERTY}; null or blank if there is none
     * @return the temporary directory, as the system property names it, if it holds the path; empty if it does not
     */
    public static Optional<Path> holding(Path path, String temporary) {
        if (temporary == null || temporary.isBlank()) {
            return Optional.empty();
        }
        try {
            Path directory = Path.of(temporary);
            return real(path, MAX_LINKS).startsWith(real(directory, MAX_LINKS))
                    ? Optional.of(directory)
                    : Optional.empty();
        } catch (InvalidPathException noDirectory) {
            return Optional.empty();
        }
    }

    /** The path without symbolic links; of what does not exist, the nearest parent that does is looked up. */
    private static Path real(Path path, int linksLeft) {
        Path absolute = path.toAbsolutePath();
        try {
            return absolute.toRealPath();
        } catch (IOException notThere) {
            Path parent = absolute.getParent();
            if (parent == null) {
                return absolute;
            }
            if (linksLeft > 0 && Files.isSymbolicLink(absolute)) {
                return real(absolute.resolveSibling(target(absolute)), linksLeft - 1);
            }
            return real(parent, linksLeft).resolve(absolute.getFileName()).normalize();
        }
    }

    /** What a link leads to; the link itself if it has just gone. */
    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException goneMeanwhile) {
            return link;
        }
    }
}
