package dev.tokentally.persistence;

import dev.tokentally.usage.ReportTooLargeException;
import java.util.ArrayList;
import java.util.List;

/**
 * Joins the calls with the same call id to invocations. Calls must come ordered by call id, so only few invocations are open at a
 * time.
 */
final class Invocations {

    private final List<Open> open = new ArrayList<>();

    /** Adds the result of each open invocation to its figures, when the last call of the call id has come. */
    void end() throws ReportTooLargeException {
        // Without an iterator, as this is called for each invocation.
        for (int i = 0; i < open.size(); i++) {
            open.get(i).close();
        }
        open.clear();
    }

    Open of(Tally figures) {
        return new Open(figures);
    }

    /** A place for one invocation after another. */
    final class Open {

        private final Tally figures;
        private boolean isOpen;
        private boolean isOk;
        private int doubts;
        private long duration;
        private long input;
        private long output;

        private Open(Tally figures) {
            this.figures = figures;
        }

        void add(boolean isCallOk, int callDoubts, long callDuration, long callInput, long callOutput) {
            if (!isOpen) {
                isOpen = true;
                open.add(this);
            }
            isOk |= isCallOk;
            doubts |= callDoubts;
            duration += callDuration;
            input += callInput;
            output += callOutput;
        }

        private void close() throws ReportTooLargeException {
            figures.add(isOk, doubts, duration, input, output);
            isOpen = false;
            isOk = false;
            doubts = 0;
            duration = 0;
            input = 0;
            output = 0;
        }
    }
}
