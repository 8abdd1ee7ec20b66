package dev.tokentally.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Runs the measurements that need no server. Then it makes one table of their results and of those that were measured
 * on the servers before. {@code mvn -Pbench verify} runs it in the directory of this module.
 */
public final class Benchmarks {

    private static final List<String> SERVERS = List.of("payara-micro", "wildfly");
    private static final String NOTHING = "none";

    private Benchmarks() {}

    /**
     * Measures, prints the table and writes it to docs/performance.md. With {@code tokentally.benchmark.quick} it
     * leaves the document unchanged and writes the table beside the rows of this run.
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
