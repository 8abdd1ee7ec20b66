package dev.tokentally.persistence;

import dev.tokentally.usage.Figures;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.SeriesFigures;
import dev.tokentally.usage.UncertainCalls;
import java.math.BigDecimal;
import java.util.function.Function;

/** Figures while they are made, in one of the two views. */
final class Tally {

    private final Distribution durations;
    private final Distribution inputs;
    private final Distribution outputs;
    private long failed;
    private long answeredUnpriced;
    private long unpriced;
    private long partial;
    private long maybeBilled;

    Tally(ReportMemory memory) {
        durations = new Distribution(memory);
        inputs = new Distribution(memory);
        outputs = new Distribution(memory);
    }

    void add(boolean isOk, int doubts, long duration, long input, long output) throws ReportTooLargeException {
        if (doubts != 0) {
            answeredUnpriced += (doubts & Doubt.ANSWERED_UNPRICED) != 0 ? 1 : 0;
            unpriced += (doubts & Doubt.UNPRICED) != 0 ? 1 : 0;
            partial += (doubts & Doubt.PARTIAL) != 0 ? 1 : 0;
            maybeBilled += (doubts & Doubt.MAYBE_BILLED) != 0 ? 1 : 0;
        }
        if (isOk) {
            durations.add(duration);
            inputs.add(input);
            outputs.add(output);
        } else {
            failed++;
        }
    }

    void addAll(Tally others) throws ReportTooLargeException {
        failed += others.failed;
        answeredUnpriced += others.answeredUnpriced;
        unpriced += others.unpriced;
        partial += others.partial;
        maybeBilled += others.maybeBilled;
        durations.addAll(others.durations);
        inputs.addAll(others.inputs);
        outputs.addAll(others.outputs);
    }

    void writeTo(CellWriter out) {
        for (long count : new long[] {failed, answeredUnpriced, unpriced, partial, maybeBilled}) {
            out.number(count);
        }
        durations.writeTo(out);
        inputs.writeTo(out);
        outputs.writeTo(out);
    }

    /**
     * Reads what {@link #writeTo} has written.
     *
     * @param into the tallies to which it is added
     */
    static void read(CellReader in, Tally... into) throws ReportTooLargeException {
        long failed = in.number();
        long answeredUnpriced = in.number();
        long unpriced = in.number();
        long partial = in.number();
        long maybeBilled = in.number();
        for (Tally each : into) {
            each.failed += failed;
            each.answeredUnpriced += answeredUnpriced;
            each.unpriced += unpriced;
            each.partial += partial;
            each.maybeBilled += maybeBilled;
        }
        Distribution.read(in, distributions(into, each -> each.durations));
        Distribution.read(in, distributions(into, each -> each.inputs));
        Distribution.read(in, distributions(into, each -> each.outputs));
    }

    /**
     * This runs for each combination of each cell, so it uses no stream: for small distributions the stream would take longer than
     * the reading.
     */
    private static Distribution[] distributions(Tally[] of, Function<Tally, Distribution> which) {
        Distribution[] distributions = new Distribution[of.length];
        for (int i = 0; i < of.length; i++) {
            distributions[i] = which.apply(of[i]);
        }
        return distributions;
    }

    boolean isEmpty() {
        return failed + durations.number() == 0;
    }

    SeriesFigures sums(BigDecimal cost) {
        return new SeriesFigures(
                failed + durations.number(),
                failed,
                answeredUnpriced,
                new UncertainCalls(unpriced, partial, maybeBilled),
                cost,
                inputs.total(),
                outputs.total());
    }

    void clear() {
        durations.clear();
        inputs.clear();
        outputs.clear();
        failed = 0;
        answeredUnpriced = 0;
        unpriced = 0;
        partial = 0;
        maybeBilled = 0;
    }

    Figures figures(BigDecimal cost) {
        return new Figures(
                failed + durations.number(),
                failed,
                answeredUnpriced,
                new UncertainCalls(unpriced, partial, maybeBilled),
                cost,
                durations.spread(),
                inputs.spread(),
                outputs.spread());
    }
}
