package dev.tokentally.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** The measurements of several rounds of a benchmark, as the table shows them. */
final class Rounds {

    private final List<Double> values = new ArrayList<>();
    private final DoubleFunction<String> shown;

    private Rounds(DoubleFunction<String> shown) {
        this.shown = shown;
    }

    /** Measurements that are times in nanoseconds. */
    static Rounds nanos() {
        return new Rounds(Rounds::time);
    }

    /** Measurements that are counts in each second. */
    static Rounds rates(String what) {
        return new Rounds(rate -> String.format(Locale.ROOT, "%,.0f %s/s", rate, what));
    }

    /** Measurements that are bytes. */
    static Rounds bytes() {
        return new Rounds(bytes -> String.format(Locale.ROOT, "%.1f MB", bytes / 1e6));
    }

    /** The differences of two measurements from the same rounds. */
    static Rounds difference(Rounds of, Rounds less) {
        Rounds difference = new Rounds(of.shown);
        for (int i = 0; i < of.values.size(); i++) {
            difference.add(of.values.get(i) - less.values.get(i));
        }
        return difference;
    }

    void add(double value) {
        values.add(value);
    }

    double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    double ratioTo(Rounds other) {
        return median() / other.median();
    }

    /** The lowest and the highest round. */
    String spread() {
        if (values.size() == 1) {
            return "once";
        }
        double lowest = values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double highest = values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        return shown.apply(lowest) + " to " + shown.apply(highest) + ", " + values.size() + " rounds";
    }

    /** The median. */
    @Override
    public String toString() {
        return shown.apply(median());
    }

    private static String time(double nanos) {
        double size = Math.abs(nanos);
        if (size < 100_000) {
            return String.format(Locale.ROOT, "%.1f µs", nanos / 1e3);
        }
        return size < 1e9
                ? String.format(Locale.ROOT, "%.2f ms", nanos / 1e6)
                : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
