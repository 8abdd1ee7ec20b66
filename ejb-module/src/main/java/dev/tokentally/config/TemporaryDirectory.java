package dev.tokentally.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The directory of the Java virtual machine for temporary files. Files below it may be gone after a restart, so nothing
 * that must be kept may be there.
 */
public final class TemporaryDirectory {

    /** The system property that names the directory. */
    public static final String PROPERTY = "java.io.tmpdir";

    /** The most symbolic links that are followed, as on Linux. More are a loop. */
    private static final int MAX_LINKS = 40;

    private TemporaryDirectory() {}

    /**
     * Finds out whether a file or directory is below a temporary directory. Symbolic links are followed in both paths.
     *
     * @param path a file or directory, which need not exist yet; not null
     * @param temporary the value of the system property {@link #PROPERTY}; null or blank if there is none
     * @return the temporary directory, as the system property names it, if it contains the path; otherwise empty
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

    /** The path without symbolic links. If it does not exist, its nearest existing parent is resolved. */
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

    /** The target of a link; the link itself if it has just been deleted. */
    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException goneMeanwhile) {
            return link;
        }
    }
}
