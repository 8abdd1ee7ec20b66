package dev.tokentally.persistence;

import dev.tokentally.config.TemporaryDirectory;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an H2 database keeps its rows.
 *
 * @param file its main file; null when it has none and the rows are in memory
 */
record H2Place(String file) {

    private static final String ENDING = ".mv.db";

    /** H2's own file systems, such as {@code nio:}, {@code split:20:} or {@code memFS:}. A drive on Windows has one letter. */
    private static final Pattern FILE_SYSTEM = Pattern.compile("^(?:[A-Za-z]{2,}:)(?:\\d+:)?");

    private static final Pattern IN_MEMORY = Pattern.compile("^(?:nio)?mem(?:FS|LZF):", Pattern.CASE_INSENSITIVE);

    /**
     * Reads what H2 says.
     *
     * @param databasePath what {@code database_path()} answers: without the file's ending; null for a database in memory
     */
    static H2Place of(String databasePath) {
        String left = databasePath;
        while (left != null) {
            if (IN_MEMORY.matcher(left).find()) {
                return new H2Place(null);
            }
            Matcher fileSystem = FILE_SYSTEM.matcher(left);
            if (!fileSystem.find()) {
                return new H2Place(left + ENDING);
            }
            left = left.substring(fileSystem.end());
        }
        return new H2Place(null);
    }

    boolean isInMemory() {
        return file == null;
    }

    /** The temporary directory, if it holds the file. */
    Optional<Path> holding(String temporaryDirectory) {
        try {
            return TemporaryDirectory.holding(Path.of(file), temporaryDirectory);
        } catch (InvalidPathException notOfThisSystem) {
            return Optional.empty();
        }
    }
}
