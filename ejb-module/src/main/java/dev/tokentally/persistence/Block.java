package dev.tokentally.persistence;

import dev.tokentally.usage.Figures;
import dev.tokentally.usage.ReportTooLargeException;
import java.math.BigDecimal;

/**
 * A report's block while it is made: both views, and the cost, which is the same in both. Most invocations consist of one call. Their
 * figures are those of the calls too, so they are kept once, and the views are put together at the end.
 */
final class Block {

    /** The memory of its objects and their empty arrays. The distributions count the memory of their contents themselves. */
    private static final int BYTES = 1000;

    private final ReportMemory memory;

    /** The invocations of cells that consist of one call. */
    final Tally singles;

    /** All other calls. */
    final Tally calls;

    /** All other invocations. */
    final Tally invocations;

    private BigDecimal cost = BigDecimal.ZERO;

    Block(ReportMemory memory) throws ReportTooLargeException {
        memory.take(BYTES);
        this.memory = memory;
        singles = new Tally(memory);
        calls = new Tally(memory);
        invocations = new Tally(memory);
    }

    void add(ReportedCall call) throws ReportTooLargeException {
        call.addTo(calls);
        addCost(call.cost());
    }

    void addCost(BigDecimal more) {
        cost = cost.add(more);
    }

    /** Adds all but the invocations of several calls. */
    void addCalls(Block others) throws ReportTooLargeException {
        singles.addAll(others.singles);
        calls.addAll(others.calls);
        cost = cost.add(others.cost);
    }

    void addAll(Block others) throws ReportTooLargeException {
        addCalls(others);
        invocations.addAll(others.invocations);
    }

    /** Makes both views. Call it once, when the block is no longer needed; it is empty afterwards. */
    Views end() throws ReportTooLargeException {
        if (!singles.isEmpty()) {
            calls.addAll(singles);
            invocations.addAll(singles);
        }
        Views views = new Views(calls.figures(cost), invocations.figures(cost));
        memory.giveBack(BYTES);
        singles.clear();
        calls.clear();
        invocations.clear();
        return views;
    }

    /** The figures in both views. */
    record Views(Figures perCall, Figures perInvocation) {}
}
