package dev.tokentally.persistence;

import dev.tokentally.usage.Figures;
import dev.tokentally.usage.ReportTooLargeException;

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

    /** The cost of all calls. */
    final CostSum cost = new CostSum();

    Block(ReportMemory memory) throws ReportTooLargeException {
        memory.take(BYTES);
        this.memory = memory;
        singles = new Tally(memory);
        calls = new Tally(memory);
        invocations = new Tally(memory);
    }

    void add(ReportedCall call) throws ReportTooLargeException {
        call.addTo(calls);
        cost.add(call.cost());
    }

    void add(CellCall call) throws ReportTooLargeException {
        call.addTo(calls);
        call.addCostTo(cost);
    }

    /** Adds everything of another block except the figures of its invocations with several calls. */
    void addCalls(Block others) throws ReportTooLargeException {
        singles.addAll(others.singles);
        calls.addAll(others.calls);
        cost.add(others.cost.total());
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
        Views views = new Views(calls.figures(cost.total()), invocations.figures(cost.total()));
        memory.giveBack(BYTES);
        singles.clear();
        calls.clear();
        invocations.clear();
        return views;
    }

    /** The figures in both views. */
    record Views(Figures perCall, Figures perInvocation) {}
}
