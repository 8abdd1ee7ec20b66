package dev.tokentally.benchmarks;

import java.util.Map;
import org.openjdk.jmh.annotations.Mode;

/**
 * A JMH benchmark as each round runs it.
 *
 * @param name the name for the console
 * @param benchmark the class and the method
 * @param mode {@code AverageTime}, or {@code SampleTime} for percentiles
 * @param threads how many threads call at the same time
 * @param parameters the parameters of JMH, by name
 */
record Measurement(String name, String benchmark, Mode mode, int threads, Map<String, String> parameters) {

    static Measurement mean(String name, String benchmark) {
        return new Measurement(name, benchmark, Mode.AverageTime, 1, Map.of());
    }

    static Measurement percentiles(String name, String benchmark) {
        return new Measurement(name, benchmark, Mode.SampleTime, 1, Map.of());
    }

    static Measurement spool(String name, String method, int threads, Map<String, String> parameters) {
        return new Measurement(name, "SpoolBenchmark." + method, Mode.AverageTime, threads, parameters);
    }

    /** The key of its results. */
    String key() {
        return benchmark + "/" + mode + "/" + threads + parameters;
    }
}
