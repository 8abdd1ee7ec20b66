package dev.tokentally.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What runs leave in a folder. It proves that the folder is a data folder. A name alone proves nothing, since a folder of
 * the user's own may have a file or folder of that name too.
 *
 * @param folder the folder
 */
record RunFiles(Path folder) {

    static final String LOCK = "lock";
    static final String LOG = "server.log";
    static final String SPOOL = "spool";
    static final String TEMPORARY = "payara-tmp";
    static final String DATABASE = "tokentally";
    static final String DATABASE_FILE = DATABASE + ".mv.db";
    static final String BEFORE_START = "before-start.asadmin";

    private static final String EARLIER_TEMPORARY = "tmp";
    private static final Set<String> NAMES = Set.of(LOCK, LOG, SPOOL, TEMPORARY, EARLIER_TEMPORARY);

    /** The beginning of the lock file. Earlier versions wrote only the number of the process, or nothing. */
    private static final String MARK = "Tokentally's data folder, last used by process ";

    private static final int MARK_BYTES = 100;

    /**
     * A file or folder that is not of a run.
     *
     * @return its name; empty if the folder is empty or a data folder
     */
    Optional<String> ofOthers() throws IOException {
        List<String> names = names();
        if (names.isEmpty() || isDataFolder(names)) {
            return Optional.empty();
        }
        return names.stream().filter(name -> !mayBeOfRuns(name)).findFirst().or(() -> Optional.of(names.get(0)));
    }

    private boolean isDataFolder(List<String> names) throws IOException {
        boolean hasLock = names.contains(LOCK);
        String lock = hasLock ? lock() : "";
        if (lock.startsWith(MARK)) {
            return true;
        }
        if (!lock.matches("\\d{0,19}")) {
            return false;
        }
        return names.stream().allMatch(RunFiles::mayBeOfRuns)
                ? hasLock || names.contains(DATABASE_FILE)
                : hasLock && isLogOfRuns();
    }

    /** The text of the lock file. If it cannot be the lock file of a run, a text that no run writes. */
    private String lock() throws IOException {
        Path lock = folder.resolve(LOCK);
        if (!Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS) || Files.size(lock) > MARK_BYTES) {
            return "not of a run";
        }
        try {
            return Files.readString(lock, StandardCharsets.ISO_8859_1);
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException locked) {
            // On Windows nobody can read the file while a run has locked it.
            return MARK;
        }
    }

    private boolean isLogOfRuns() throws IOException {
        Path log = folder.resolve(LOG);
        if (!Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            return lines.anyMatch(line -> line.contains("dev.tokentally."));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * The working folder of a run of an earlier version.
     *
     * @return the folder; empty if there is none, or if it may have other files than that run's
     */
    Optional<Path> earlierTemporary() throws IOException {
        Path earlier = folder.resolve(EARLIER_TEMPORARY);
        return Files.isDirectory(earlier, LinkOption.NOFOLLOW_LINKS)
                        && Files.isRegularFile(earlier.resolve(BEFORE_START), LinkOption.NOFOLLOW_LINKS)
                        && names().stream().allMatch(RunFiles::mayBeOfRuns)
                ? Optional.of(earlier)
                : Optional.empty();
    }

    /** The text of the lock file of a process. */
    static String lockOf(long process) {
        return MARK + process;
    }

    /** The number of the process that wrote the lock file; empty if the file cannot be read, as on Windows. */
    Optional<String> lastProcess() {
        try {
            String text = lock();
            String process = text.startsWith(MARK) ? text.substring(MARK.length()) : text;
            return process.matches("\\d{1,19}") ? Optional.of(process) : Optional.empty();
        } catch (IOException notToBeRead) {
            return Optional.empty();
        }
    }

    /** H2 adds endings to the name of the database, for its trace file for example. */
    private static boolean mayBeOfRuns(String name) {
        return NAMES.contains(name) || name.startsWith(DATABASE + ".");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
