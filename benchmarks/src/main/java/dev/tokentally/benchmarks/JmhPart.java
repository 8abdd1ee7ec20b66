package dev.tokentally.benchmarks;

import dev.tokentally.benchmarks.Rounds.Figure;
import dev.tokentally.benchmarks.Rounds.Series;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.Statistics;

/**
 * The measurements that need no server, by JMH. They run in rounds. Each round runs every benchmark once, in a process
 * of its own, so that our benchmarks and the compared ones run under the same load of the machine.
 */
final class JmhPart {

    private static final String JMH = "JMH, 1 thread";
    private static final String JMH_8 = "JMH, 8 threads";
    private static final Map<String, String> PROCESS = Map.of("durability", "process");
    private static final Map<String, String> POWER = Map.of("durability", "power");

    private static final Measurement CALL = Measurement.mean("a call of the port", "PortBenchmark.undecorated");
    private static final Measurement DECORATOR =
            Measurement.mean("the decorator alone", "PortBenchmark.decoratorAlone");
    private static final Measurement DECORATOR_METERED =
            Measurement.mean("the decorator alone, every meter", "PortBenchmark.decoratorMetered");
    private static final Measurement DECORATOR_ATTRIBUTED =
            Measurement.mean("the decorator alone, every attribute", "PortBenchmark.decoratorAttributed");
    private static final Measurement SYNC =
            Measurement.mean("sync, a store that answers at once", "PortBenchmark.sync");
    private static final Measurement HAND_OFF =
            Measurement.mean("the hand-off of write-behind", "PortBenchmark.handOff");

    private static final Measurement SAMPLED_CALL =
            Measurement.percentiles("a call of the port, sampled", "PortBenchmark.undecorated");
    private static final Measurement WRITE_BEHIND =
            Measurement.percentiles("write-behind, sampled", "PortBenchmark.writeBehind");
    private static final Measurement WRITE_BEHIND_METERED =
            Measurement.percentiles("write-behind, every meter, sampled", "PortBenchmark.writeBehindMetered");
    private static final Measurement WRITE_BEHIND_ATTRIBUTED =
            Measurement.percentiles("write-behind, every attribute, sampled", "PortBenchmark.writeBehindAttributed");
    private static final Measurement MODEL =
            Measurement.percentiles("a model without listeners, sampled", "ListenerBenchmark.none");
    private static final Measurement OURS =
            Measurement.percentiles("a model with our listener, sampled", "ListenerBenchmark.tokentally");
    private static final Measurement OPEN_TELEMETRY =
            Measurement.percentiles("a model with OpenTelemetry's, sampled", "ListenerBenchmark.openTelemetry");
    private static final Measurement MICROMETER =
            Measurement.percentiles("a model with Micrometer's, sampled", "ListenerBenchmark.micrometer");

    private static final Measurement PROCESS_1 = Measurement.spool("spool, process, 1 thread", "append", 1, PROCESS);
    private static final Measurement PROCESS_8 = Measurement.spool("spool, process, 8 threads", "append", 8, PROCESS);
    private static final Measurement POWER_1 = Measurement.spool("spool, power, 1 thread", "append", 1, POWER);
    private static final Measurement POWER_8 = Measurement.spool("spool, power, 8 threads", "append", 8, POWER);
    private static final Measurement FORCE_1 =
            Measurement.spool("one force per record, 1 thread", "forceEach", 1, Map.of());
    private static final Measurement FORCE_8 =
            Measurement.spool("one force per record, 8 threads at once", "forceEach", 8, Map.of());
    private static final Measurement TURNS_8 =
            Measurement.spool("one force per record, 8 threads by turns", "forceByTurns", 8, Map.of());

    private static final List<Measurement> ALL = List.of(
            CALL,
            DECORATOR,
            DECORATOR_METERED,
            DECORATOR_ATTRIBUTED,
            SYNC,
            HAND_OFF,
            SAMPLED_CALL,
            WRITE_BEHIND,
            WRITE_BEHIND_METERED,
            WRITE_BEHIND_ATTRIBUTED,
            MODEL,
            OURS,
            OPEN_TELEMETRY,
            MICROMETER,
            PROCESS_1,
            PROCESS_8,
            POWER_1,
            FORCE_1,
            POWER_8,
            FORCE_8,
            TURNS_8);

    private static final double MICROS = 1e3;

    private final Path directory;
    private final Predicate<String> wanted;
    private final int rounds;
    private final TimeValue iteration;
    private final int iterations;
    private final Rounds measured = new Rounds();

    JmhPart(Path directory, String only, boolean quick) {
        this.directory = directory;
        this.wanted = Pattern.compile(only).asPredicate();
        this.rounds = quick ? 1 : 3;
        this.iteration = TimeValue.milliseconds(quick ? 200 : 400);
        this.iterations = quick ? 2 : 4;
    }

    List<Row> run() throws IOException {
        List<Measurement> asked =
                ALL.stream().filter(each -> wanted.test(each.benchmark())).toList();
        int total = rounds * asked.size();
        int done = 0;
        long began = System.nanoTime();
        for (int round = 1; round <= rounds; round++) {
            for (Measurement each : asked) {
                done++;
                Progress.tell("JMH, " + done + " of " + total + ", round " + round + " of " + rounds + ": "
                        + each.name() + left(began, done - 1, total));
                measure(each);
            }
        }
        return rows();
    }

    private static String left(long began, int done, int total) {
        if (done == 0) {
            return "";
        }
        long nanos = (System.nanoTime() - began) / done * (total - done);
        return " (about " + Duration.ofNanos(nanos).toSeconds() + " s to go)";
    }

    private void measure(Measurement measurement) throws IOException {
        Files.createDirectories(directory);
        Path log = directory.resolve("jmh.log");
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("\\." + Pattern.quote(measurement.benchmark()) + "$")
                .mode(measurement.mode())
                .threads(measurement.threads())
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .warmupIterations(2)
                .warmupTime(iteration)
                .measurementIterations(iterations)
                .measurementTime(iteration)
                .shouldFailOnError(true)
                .jvmArgsAppend(
                        "-Xmx512m",
                        "-D" + SpoolDirectory.PARENT + "=" + directory.toAbsolutePath(),
                        "-Djava.util.logging.config.file=" + quietLog())
                .output(log.toString());
        measurement.parameters().forEach(options::param);
        RunResult result;
        try {
            result = new Runner(options.build()).runSingle();
        } catch (RunnerException e) {
            throw new IOException(measurement.name() + " failed: " + Files.readString(log), e);
        }
        for (Figure figure : Figure.values()) {
            measured.add(measurement, figure, iterations(result, figure));
        }
    }

    /** Silences the log: at the rate of a benchmark, OpenTelemetry and our own module log very much. */
    private Path quietLog() throws IOException {
        return Files.writeString(directory.resolve("logging.properties"), "handlers =\n.level = OFF\n");
    }

    private static double[] iterations(RunResult result, Figure figure) {
        List<Double> scores = new ArrayList<>();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult each : fork.getIterationResults()) {
                Statistics statistics = each.getPrimaryResult().getStatistics();
                scores.add(
                        switch (figure) {
                            case MEAN -> each.getPrimaryResult().getScore();
                            case P50 -> statistics.getPercentile(50);
                            case P99 -> statistics.getPercentile(99);
                        });
            }
        }
        return scores.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        added(rows, "the decorator and the making of the record: mean added", DECORATOR, CALL, Figure.MEAN);
        added(rows, "sync, without a database (a thread hands the record over): mean added", SYNC, CALL, Figure.MEAN);
        alone(rows, "write-behind: hand-off of a record, mean", HAND_OFF);
        goal(rows, "write-behind: p50 added to a call of the port", Figure.P50, 3 * MICROS);
        goal(rows, "write-behind: p99 added to a call of the port", Figure.P99, 10 * MICROS);
        metered(
                rows,
                "the decorator and the making of the record, a call with every meter: mean added",
                DECORATOR_METERED,
                DECORATOR,
                CALL,
                Figure.MEAN);
        metered(
                rows,
                "the decorator and the making of the record, every attribute set: mean added",
                DECORATOR_ATTRIBUTED,
                DECORATOR,
                CALL,
                Figure.MEAN);
        metered(
                rows,
                "write-behind, a call with every meter: p50 added",
                WRITE_BEHIND_METERED,
                WRITE_BEHIND,
                SAMPLED_CALL,
                Figure.P50);
        metered(
                rows,
                "write-behind, every attribute set: p50 added",
                WRITE_BEHIND_ATTRIBUTED,
                WRITE_BEHIND,
                SAMPLED_CALL,
                Figure.P50);
        for (Figure figure : Figure.values()) {
            listener(rows, figure);
        }
        alone(rows, "spool append, process: mean", PROCESS_1);
        perRecord(rows, "spool append, process: time per record", PROCESS_8);
        force(rows, JMH, "spool append, power: time per record", POWER_1, FORCE_1, "one force per record", false);
        force(rows, JMH_8, "spool append, power: time per record", POWER_8, TURNS_8, "one force per record", true);
        force(
                rows,
                JMH_8,
                "spool append, power: time per record",
                POWER_8,
                FORCE_8,
                "one force per record, which the kernel may put together",
                false);
        return rows;
    }

    private void added(List<Row> rows, String what, Measurement ours, Measurement bare, Figure figure) {
        both(ours, bare, figure, (mine, base) -> {
            Series added = mine.minus(base);
            rows.add(new Row(
                    what,
                    JMH,
                    Rounds.time(added.median()),
                    added.spread(),
                    "the call itself: " + Rounds.time(base.median()),
                    "",
                    "",
                    ""));
        });
    }

    private void alone(List<Row> rows, String what, Measurement ours) {
        measured.of(ours, Figure.MEAN)
                .ifPresent(series ->
                        rows.add(new Row(what, JMH, Rounds.time(series.median()), series.spread(), "", "", "", "")));
    }

    private void perRecord(List<Row> rows, String what, Measurement ours) {
        measured.of(ours, Figure.MEAN)
                .map(series -> perRecord(series, ours))
                .ifPresent(series ->
                        rows.add(new Row(what, JMH_8, Rounds.time(series.median()), series.spread(), "", "", "", "")));
    }

    /**
     * The time per record of all threads together. JMH reports the time of one thread, which is as many times longer as
     * there are threads.
     */
    private static Series perRecord(Series series, Measurement measurement) {
        return series.with(series, (nanos, same) -> nanos / measurement.threads());
    }

    private void goal(List<Row> rows, String what, Figure figure, double atMost) {
        both(WRITE_BEHIND, SAMPLED_CALL, figure, (mine, base) -> {
            Series added = mine.minus(base);
            rows.add(new Row(
                    what,
                    JMH,
                    Rounds.time(added.median()),
                    added.spread(),
                    "the call itself: " + Rounds.time(base.median()),
                    "",
                    "≤ " + Math.round(atMost / MICROS) + " µs",
                    Row.reached(added.median() <= atMost)));
        });
    }

    private void metered(
            List<Row> rows, String what, Measurement metered, Measurement plain, Measurement bare, Figure figure) {
        both(
                metered,
                bare,
                figure,
                (mine, base) -> beside(rows, what, mine.minus(base), base, plain, "without", false, figure));
    }

    private void listener(List<Row> rows, Figure figure) {
        both(OURS, MODEL, figure, (mine, base) -> {
            String name = figure == Figure.MEAN ? "mean" : figure.name().toLowerCase(Locale.ROOT);
            String what = "LangChain4j listener, write-behind: " + name + " added";
            Series added = mine.minus(base);
            beside(rows, what, added, base, OPEN_TELEMETRY, "OpenTelemetry listener", figure != Figure.MEAN, figure);
            beside(rows, what, added, base, MICROMETER, "Micrometer listener", false, figure);
        });
    }

    private void beside(
            List<Row> rows,
            String what,
            Series added,
            Series base,
            Measurement other,
            String name,
            boolean goal,
            Figure figure) {
        measured.of(other, figure).map(total -> total.minus(base)).ifPresent(others -> {
            double ratio = added.over(others).median();
            rows.add(new Row(
                    what,
                    JMH,
                    Rounds.time(added.median()),
                    added.spread(),
                    name + ": " + Rounds.time(others.median()) + " (" + others.spread() + ")",
                    Rounds.digits(ratio),
                    goal ? "≤ 1" : "",
                    goal ? Row.reached(ratio <= 1) : ""));
        });
    }

    private void force(
            List<Row> rows, String where, String what, Measurement ours, Measurement floor, String name, boolean goal) {
        both(ours, floor, Figure.MEAN, (mine, floors) -> {
            Series each = perRecord(mine, ours);
            Series others = perRecord(floors, floor);
            double times = others.over(each).median();
            rows.add(new Row(
                    what,
                    where,
                    Rounds.time(each.median()),
                    each.spread(),
                    name + ": " + Rounds.time(others.median()) + " (" + others.spread() + ")",
                    Rounds.digits(times) + " x as fast",
                    goal ? "≥ 5 x" : "",
                    goal ? Row.reached(times >= 5) : ""));
        });
    }

    private void both(Measurement ours, Measurement other, Figure figure, Comparison comparison) {
        Optional<Series> mine = measured.of(ours, figure);
        Optional<Series> base = measured.of(other, figure);
        if (mine.isPresent() && base.isPresent()) {
            comparison.of(mine.get(), base.get());
        }
    }

    /** Makes one series of two. */
    @FunctionalInterface
    private interface Comparison {

        void of(Series ours, Series beside);
    }
}
