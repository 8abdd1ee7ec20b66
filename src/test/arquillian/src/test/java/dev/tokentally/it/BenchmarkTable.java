package dev.tokentally.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The rows that a benchmark adds to the table in docs/performance.md. The module {@code benchmarks} makes the table. */
final class BenchmarkTable {

    private final String name;
    private final List<String> rows = new ArrayList<>();

    /** The benchmark's name decides where its rows are in the table. */
    BenchmarkTable(String name) {
        this.name = name;
    }

    /** Adds a measurement and the one that it is compared with, without a goal. */
    void add(String measured, String where, Rounds result, String beside, Double ratio) {
        add(measured, where, result, beside, ratio, "", "");
    }

    /** Adds a measurement and the one that it is compared with, with a goal. */
    void add(String measured, String where, Rounds result, String beside, Double ratio, String goal, boolean reached) {
        add(measured, where, result, beside, ratio, goal, reached ? "yes" : "**no**");
    }

    private void add(
            String measured, String where, Rounds result, String beside, Double ratio, String goal, String reached) {
        String row = "| "
                + String.join(
                        " | ",
                        measured,
                        TestServer.current().title() + ", " + where,
                        result.toString(),
                        result.spread(),
                        beside,
                        ratio == null ? "" : String.format(Locale.ROOT, "%.2f", ratio),
                        goal,
                        reached)
                + " |";
        System.out.println(row);
        rows.add(row);
    }

    /** Writes the rows to the place where the module looks for them. */
    void write() {
        try {
            Path directory = Files.createDirectories(Settings.serversDirectory()
                    .resolveSibling("benchmark")
                    .resolve(TestServer.current().id()));
            Files.write(directory.resolve(name + ".md"), rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
