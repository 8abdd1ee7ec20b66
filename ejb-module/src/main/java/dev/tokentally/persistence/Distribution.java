package dev.tokentally.persistence;

import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.Spread;
import java.util.Arrays;

/**
 * How often each value occurred. Exact percentiles need no more, and the memory grows with the number of different values, not with
 * the number of calls.
 */
final class Distribution {

    /** Each slot holds a value and how often it occurred. */
    private static final int BYTES = Long.BYTES + Integer.BYTES;

    private static final int FIRST_SLOTS = 16;

    private final ReportMemory memory;

    /** A hash table with open addressing; a slot with the count 0 is free. */
    private long[] values = {};

    private int[] counts = {};
    private int distinct;
    private long number;
    private long total;

    Distribution(ReportMemory memory) {
        this.memory = memory;
    }

    void add(long value) throws ReportTooLargeException {
        add(value, 1);
    }

    void addAll(Distribution others) throws ReportTooLargeException {
        for (int i = 0; i < others.counts.length; i++) {
            if (others.counts[i] > 0) {
                add(others.values[i], others.counts[i]);
            }
        }
    }

    private void add(long value, int times) throws ReportTooLargeException {
        if (distinct * 4L >= values.length * 3L) {
            grow();
        }
        int slot = slot(value);
        if (counts[slot] == 0) {
            values[slot] = value;
            distinct++;
        }
        counts[slot] = Math.addExact(counts[slot], times);
        number += times;
        total += value * times;
    }

    /** Writes the values in their order. Each is a number that is small if the values are near each other. */
    void writeTo(CellWriter out) {
        out.number(distinct);
        long last = 0;
        for (long value : sorted()) {
            int count = counts[slot(value)];
            out.number((value - last) << 1 | (count > 1 ? 1 : 0));
            if (count > 1) {
                out.number(count);
            }
            last = value;
        }
    }

    /**
     * Reads what {@link #writeTo} has written.
     *
     * @param into the distributions to which the values are added
     */
    static void read(CellReader in, Distribution... into) throws ReportTooLargeException {
        int left = in.count();
        long value = 0;
        while (left-- > 0) {
            long step = in.number();
            value += step >>> 1;
            int count = (step & 1) == 0 ? 1 : in.count();
            for (Distribution each : into) {
                each.add(value, count);
            }
        }
    }

    private void grow() throws ReportTooLargeException {
        long[] oldValues = values;
        int[] oldCounts = counts;
        int slots = Math.max(FIRST_SLOTS, Math.multiplyExact(oldValues.length, 2));
        memory.take((long) slots * BYTES);
        values = new long[slots];
        counts = new int[slots];
        for (int i = 0; i < oldValues.length; i++) {
            if (oldCounts[i] > 0) {
                int slot = slot(oldValues[i]);
                values[slot] = oldValues[i];
                counts[slot] = oldCounts[i];
            }
        }
        memory.giveBack((long) oldValues.length * BYTES);
    }

    /** The slot where the value is, or would be. */
    private int slot(long value) {
        int mask = values.length - 1;
        // The bits of the golden ratio spread neighbouring values and multiples of a round number. Durations and
        // tokens are often such values.
        int slot = (int) ((value * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (counts[slot] > 0 && values[slot] != value) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** It is empty afterwards. */
    void clear() {
        memory.giveBack((long) values.length * BYTES);
        values = new long[0];
        counts = new int[0];
        distinct = 0;
        number = 0;
        total = 0;
    }

    long number() {
        return number;
    }

    long total() {
        return total;
    }

    Spread spread() {
        if (number == 0) {
            return Spread.ZERO;
        }
        long[] sorted = sorted();
        return new Spread(
                (double) total / number,
                sorted[0],
                sorted[distinct - 1],
                percentile(0.05, sorted),
                percentile(0.95, sorted),
                total);
    }

    private long[] sorted() {
        long[] sorted = new long[distinct];
        int next = 0;
        for (int i = 0; i < values.length; i++) {
            if (counts[i] > 0) {
                sorted[next++] = values[i];
            }
        }
        Arrays.sort(sorted);
        return sorted;
    }

    /** Interpolates between the two nearest values, as {@code percentile_cont} does. */
    private double percentile(double fraction, long[] sorted) {
        double place = fraction * (number - 1);
        long below = (long) Math.floor(place);
        int i = 0;
        long upTo = counts[slot(sorted[0])];
        while (upTo <= below) {
            upTo += counts[slot(sorted[++i])];
        }
        long lower = sorted[i];
        long upper = upTo > below + 1 || i + 1 == sorted.length ? lower : sorted[i + 1];
        return lower + (place - below) * (upper - lower);
    }
}
