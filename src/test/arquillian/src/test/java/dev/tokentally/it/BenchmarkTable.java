package dev.tokentally.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A benchmark's rows of the table in docs/performance.md, which the module {@code benchmarks} puts together. */
final class BenchmarkTable {

    private final String name;
    private final List<String> rows = new ArrayList<>();

    /** The name tells its place among the others. */
    BenchmarkTable(String name) {
        this.name = name;
    }

    /** What is measured, and what stands beside it, without a goal. */
    void add(String measured, String where, Rounds result, String beside, Double ratio) {
        add(measured, where, result, beside, ratio, "", "");
    }

    /** The same with a goal. */
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

    /** Leaves them where the module looks for them. */
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
