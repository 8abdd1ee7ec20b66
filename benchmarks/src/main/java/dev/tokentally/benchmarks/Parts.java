package dev.tokentally.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The rows that the benchmarks wrote to files: one directory for each server, and our own. The table says which parts
 * are missing or come from an earlier run.
 */
final class Parts {

    /** Files of one run are not further apart. A whole run takes less than half of this time. */
    private static final Duration ONE_RUN = Duration.ofHours(1);

    private final Path onServers;
    private final List<String> servers;
    private final Path own;

    /**
     * Finds the parts.
     *
     * @param onServers the directory with one directory for each server
     * @param servers the servers that are expected
     * @param own the directory with the files of this module
     */
    Parts(Path onServers, List<String> servers, Path own) {
        this.onServers = onServers;
        this.servers = servers;
        this.own = own;
    }

    /** The table, with remarks on missing and old parts. */
    String table() throws IOException {
        List<Path> files = new ArrayList<>(in(own));
        List<String> notes = new ArrayList<>();
        if (files.isEmpty()) {
            notes.add("Missing: everything that JMH measures.");
        }
        for (String server : servers) {
            List<Path> ofServer = in(onServers.resolve(server));
            if (ofServer.isEmpty()) {
                notes.add("Missing: everything that is measured on " + server + ".");
            }
            files.addAll(ofServer);
        }
        files.sort(Comparator.comparing((Path file) -> file.getFileName().toString())
                .thenComparing(Path::toString));
        StringBuilder table = new StringBuilder(Row.HEADER);
        for (Path file : files) {
            List<String> rows = Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith("|"))
                    .toList();
            rows.forEach(row -> table.append(row).append('\n'));
            Instant written = Files.getLastModifiedTime(file).toInstant();
            if (rows.isEmpty()) {
                notes.add("Missing: " + name(file) + ", which measured nothing.");
            } else if (written.isBefore(Instant.now().minus(ONE_RUN))) {
                notes.add("Of an earlier run ("
                        + written.toString().substring(0, 16).replace('T', ' ') + " UTC): " + name(file) + ".");
            }
        }
        notes.forEach(note -> table.append("\n**").append(note).append("**\n"));
        return table.toString();
    }

    private static String name(Path file) {
        return "`" + file.getParent().getFileName() + "/" + file.getFileName() + "`";
    }

    private static List<Path> in(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            // Only files with a number belong to the table. The older benchmark of the suite writes a document of its
            // own, without a number.
            return files.filter(file -> file.getFileName().toString().matches("\\d\\d-.*\\.md"))
                    .toList();
        }
    }
}
