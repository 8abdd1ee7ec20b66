package dev.tokentally.persistence;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A step that takes long on a large table. It runs while calls are recorded, and not in Flyway, since every record waits for
 * Flyway's scripts.
 *
 * @param file its file in the module's jar, for a DBA and for the log
 * @param isDone a query of one boolean: whether there is nothing left to do
 * @param statements each runs by itself, outside a transaction; it does no harm if an earlier try has run some of them
 */
record LongStep(String file, String isDone, List<String> statements) {

    /** Reads a file whose statements are blocks between empty lines; the first of them is the query. */
    static LongStep read(String file) {
        List<String> statements = Stream.of(text(file).split("\\R\\s*\\R"))
                .map(LongStep::withoutComments)
                .filter(block -> !block.isEmpty())
                .toList();
        return new LongStep(file, statements.get(0), statements.subList(1, statements.size()));
    }

    /** For the log. */
    static String files(List<LongStep> steps) {
        return steps.stream().map(LongStep::file).collect(Collectors.joining(", "));
    }

    private static String withoutComments(String block) {
        return block.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
    }

    private static String text(String file) {
        // The class loader of this class, not of the thread: only ours is sure to find the file inside the archive.
        try (InputStream in = LongStep.class.getClassLoader().getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not in the module's jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
