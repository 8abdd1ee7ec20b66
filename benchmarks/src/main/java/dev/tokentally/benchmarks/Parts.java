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
 * The rows that the benchmarks have left in files, each of a part: on the servers one directory for each, and our own. What
 * is missing, or is of an earlier run, is said.
 */
final class Parts {

    /** The whole bench takes less than half of it. */
    private static final Duration ONE_RUN = Duration.ofHours(1);

    private final Path onServers;
    private final List<String> servers;
    private final Path own;

    /**
     * Where parts are.
     *
     * @param onServers holds a directory for each server
     * @param servers which are expected
     * @param own holds the files of this module
     */
    Parts(Path onServers, List<String> servers, Path own) {
        this.onServers = onServers;
        this.servers = servers;
        this.own = own;
    }

    /** The table, and what is to be known of it. */
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
            // Those of the suite's older benchmark, which is a document of its own, have no number.
            return files.filter(file -> file.getFileName().toString().matches("\\d\\d-.*\\.md"))
                    .toList();
        }
    }
}
