package dev.tokentally.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;

/**
 * The results of the rounds, in nanoseconds. For each measurement and figure there is one value per round: the median
 * of the round's iterations.
 */
final class Rounds {

    private final Map<String, List<Double>> values = new HashMap<>();

    void add(Measurement measurement, Figure figure, double[] iterations) {
        values.computeIfAbsent(key(measurement, figure), first -> new ArrayList<>())
                .add(median(iterations));
    }

    /** The results of a figure; empty if it was not measured. */
    Optional<Series> of(Measurement measurement, Figure figure) {
        return Optional.ofNullable(values.get(key(measurement, figure))).map(Series::new);
    }

    private static String key(Measurement measurement, Figure figure) {
        return measurement.key() + "/" + figure;
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The figures of a measurement. */
    enum Figure {
        MEAN,
        P50,
        P99
    }

    /**
     * One value for each round.
     *
     * @param values the values, in the order of the rounds
     */
    record Series(List<Double> values) {

        double median() {
            return Rounds.median(
                    values.stream().mapToDouble(Double::doubleValue).toArray());
        }

        double lowest() {
            return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        }

        double highest() {
            return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        }

        /**
         * Combines two series round by round, so that the disturbance of a whole round does not disturb the comparison.
         */
        Series with(Series other, DoubleBinaryOperator operator) {
            List<Double> combined = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                combined.add(operator.applyAsDouble(values.get(i), other.values.get(i)));
            }
            return new Series(combined);
        }

        Series minus(Series other) {
            return with(other, (mine, others) -> mine - others);
        }

        Series over(Series other) {
            return with(other, (mine, others) -> mine / others);
        }

        String spread() {
            return time(lowest()) + " to " + time(highest()) + ", "
                    + (values.size() == 1 ? "1 round" : values.size() + " rounds");
        }
    }

    /** A time with three digits and a readable unit. */
    static String time(double nanos) {
        double size = Math.abs(nanos);
        if (size < 999.5) {
            return Math.round(nanos) + " ns";
        }
        return size < 999_500 ? digits(nanos / 1e3) + " µs" : digits(nanos / 1e6) + " ms";
    }

    static String digits(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%.0f", value);
    }
}
