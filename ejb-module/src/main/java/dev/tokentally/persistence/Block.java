package dev.tokentally.persistence;

import dev.tokentally.usage.ReportTooLargeException;
import java.math.BigDecimal;

/** A report's block while it is made: both views, and the cost, which is the same in both. */
final class Block {

    /** The memory of its objects and their empty arrays. The distributions count the memory of their contents themselves. */
    private static final int BYTES = 700;

    private final ReportMemory memory;
    final Tally perCall;
    final Tally perInvocation;
    private BigDecimal cost = BigDecimal.ZERO;

    Block(ReportMemory memory) throws ReportTooLargeException {
        memory.take(BYTES);
        this.memory = memory;
        perCall = new Tally(memory);
        perInvocation = new Tally(memory);
    }

    void add(ReportedCall call) throws ReportTooLargeException {
        call.addTo(perCall);
        addCost(call.cost());
    }

    void addCost(BigDecimal more) {
        cost = cost.add(more);
    }

    void addCalls(Block others) throws ReportTooLargeException {
        perCall.addAll(others.perCall);
        cost = cost.add(others.cost);
    }

    void addAll(Block others) throws ReportTooLargeException {
        addCalls(others);
        perInvocation.addAll(others.perInvocation);
    }

    /** Gives the memory back. Call it once, when the block is no longer needed. */
    void clear() {
        memory.giveBack(BYTES);
        perCall.clear();
        perInvocation.clear();
        cost = BigDecimal.ZERO;
    }

    BigDecimal cost() {
        return cost;
    }
}
