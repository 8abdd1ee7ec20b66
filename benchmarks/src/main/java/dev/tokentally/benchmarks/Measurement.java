package dev.tokentally.benchmarks;

import java.util.Map;
import org.openjdk.jmh.annotations.Mode;

/**
 * One of the JMH benchmarks, as it is run in each round.
 *
 * @param name for the one who waits
 * @param benchmark its class and method
 * @param mode {@code AverageTime}, or {@code SampleTime} where percentiles are wanted
 * @param threads how many call at once
 * @param parameters JMH's, by name
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

    /** What its results are known by. */
    String key() {
        return benchmark + "/" + mode + "/" + threads + parameters;
    }
}
