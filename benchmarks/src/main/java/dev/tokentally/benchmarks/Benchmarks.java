package dev.tokentally.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Measures what needs no server and makes one table of it and of what was measured on the servers before. Run by {@code mvn
 * -Pbench verify} in the directory of this module.
 */
public final class Benchmarks {

    private static final List<String> SERVERS = List.of("payara-micro", "wildfly");
    private static final String NOTHING = "none";

    private Benchmarks() {}

    /**
     * Measures, prints the table and writes it to docs/performance.md, or with {@code tokentally.benchmark.quick} only
     * beside the rows, which are then nobody's but this try's.
     *
     * @param arguments none
     * @throws IOException when a file cannot be read or written, a benchmark fails, or the document has no place for the table
     */
    public static void main(String[] arguments) throws IOException {
        boolean quick = Boolean.getBoolean("tokentally.benchmark.quick");
        String only = System.getProperty("tokentally.benchmark.only", ".*");
        Path repository = Path.of("..").toRealPath();
        boolean aTry = quick || !only.equals(".*") && !only.equals(NOTHING);
        Path own = repository.resolve(aTry ? "benchmarks/target/benchmark-try" : "benchmarks/target/benchmark");
        PerformanceDocument document = new PerformanceDocument(repository.resolve("docs/performance.md"));
        document.check();

        Machine machine = new Machine();
        if (!only.equals(NOTHING)) {
            List<Row> rows = new JmhPart(own, only, quick).run();
            Files.writeString(
                    own.resolve("20-jmh.md"),
                    rows.stream().map(row -> row + "\n").collect(Collectors.joining()));
        }
        String table = machine.describe(repository)
                + "\n"
                + new Parts(repository.resolve("src/test/arquillian/target/benchmark"), SERVERS, own).table();
        Progress.tell("\n" + table);
        Files.createDirectories(own);
        Files.writeString(own.resolve("table.md"), table);
        if (aTry) {
            Progress.tell("docs/performance.md is left as it is, as this was a try.");
        } else {
            document.insert(table);
            Progress.tell("The table is in docs/performance.md.");
        }
    }
}
