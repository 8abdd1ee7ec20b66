package dev.tokentally.persistence;

import dev.tokentally.usage.ReportTooLargeException;
import java.math.BigDecimal;

/**
 * A call that a cell keeps by itself. A report reads millions of them, so they are read one after the other into the same object, and
 * the cost is made into a {@link BigDecimal} only where it is needed.
 */
final class CellCall {

    private boolean isOk;
    private int doubts;
    private long costDigits;
    private int costScale;

    /** The cost if its digits do not fit in a long; else null. */
    private BigDecimal longCost;

    private long duration;
    private long input;
    private long output;

    /** Reads what {@link ReportedCall#writeTo} has written. */
    void read(CellReader in) {
        int outcome = in.count();
        isOk = (outcome & Doubt.OK) != 0;
        doubts = outcome & ~Doubt.OK;
        costScale = in.count();
        int length = in.count();
        if (length > Long.BYTES) {
            longCost = new BigDecimal(in.digits(length), costScale);
        } else {
            longCost = null;
            costDigits = in.fixed(length);
        }
        duration = in.number();
        input = in.number();
        output = in.number();
    }

    void addTo(Tally figures) throws ReportTooLargeException {
        figures.add(isOk, doubts, duration, input, output);
    }

    void addTo(Invocations.Open invocation) {
        invocation.add(isOk, doubts, duration, input, output);
    }

    void addCostTo(CostSum costs) {
        if (longCost == null) {
            costs.add(costDigits, costScale);
        } else {
            costs.add(longCost);
        }
    }

    /** A copy of the call that was read last. The next {@link #read} replaces the values of this object. */
    ReportedCall reported(String callId) {
        BigDecimal cost = longCost == null ? BigDecimal.valueOf(costDigits, costScale) : longCost;
        return new ReportedCall(callId, isOk, doubts, cost, duration, input, output);
    }
}
