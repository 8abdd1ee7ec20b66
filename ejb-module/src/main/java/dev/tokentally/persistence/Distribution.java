package dev.tokentally.persistence;

import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.Spread;
import java.util.Arrays;

/**
 * How often each value occurred. Exact percentiles need no more, and the memory grows with the number of different values, not with
 * the number of calls. Few values are in a hash table. If there are many, and most of them are small, the small ones are counted in
 * an array: it takes less memory than the table, adding to it is faster, and it is in order.
 */
final class Distribution {

    /** Each slot holds a value and how often it occurred. */
    private static final int SLOT_BYTES = Long.BYTES + Integer.BYTES;

    private static final int FIRST_SLOTS = 16;

    /** The first count that does not fit in two bytes. */
    private static final int CARRY = Character.MAX_VALUE + 1;

    private static final char[] NO_SMALL = {};
    private static final int[] NO_COUNTS = {};
    private static final long[] NO_VALUES = {};

    private final ReportMemory memory;

    /**
     * How often each small value occurred, without multiples of {@link #CARRY}, which are in the table. With counts of two bytes a
     * processor's own cache holds more of them, and adding a value is mostly waiting for memory.
     */
    private char[] small = NO_SMALL;

    /** A hash table of the other values and of carries, with open addressing; a slot with the count 0 is free. */
    private long[] values = NO_VALUES;

    private int[] counts = NO_COUNTS;
    private int inTable;
    private long number;
    private long total;

    Distribution(ReportMemory memory) {
        this.memory = memory;
    }

    void add(long value) throws ReportTooLargeException {
        add(value, 1);
    }

    void addAll(Distribution others) throws ReportTooLargeException {
        // There will be at least as many values as the other distribution has.
        if (others.small.length > small.length || others.values.length > values.length) {
            countBelow(Math.max(small.length, others.small.length), Math.max(values.length, others.values.length));
        }
        char[] from = others.small;
        for (int i = 0; i < from.length; i++) {
            countInArray(i, from[i]);
        }
        number += others.number;
        total += others.total;
        for (int i = 0; i < others.counts.length; i++) {
            if (others.counts[i] > 0) {
                count(others.values[i], others.counts[i]);
            }
        }
    }

    private void add(long value, int times) throws ReportTooLargeException {
        count(value, times);
        number += times;
        total += value * times;
    }

    private void count(long value, int times) throws ReportTooLargeException {
        if (isSmall(value)) {
            countInArray((int) value, times);
        } else {
            countInTable(value, times);
        }
    }

    private void countInArray(int value, int times) throws ReportTooLargeException {
        int sum = Math.addExact(small[value], times);
        small[value] = (char) sum;
        if (sum >= CARRY) {
            countInTable(value, sum - sum % CARRY);
        }
    }

    private boolean isSmall(long value) {
        return value >= 0 && value < small.length;
    }

    private void countInTable(long value, int times) throws ReportTooLargeException {
        if (inTable * 4L >= values.length * 3L) {
            grow();
            count(value, times);
            return;
        }
        int slot = slot(value);
        if (counts[slot] == 0) {
            values[slot] = value;
            inTable++;
        }
        counts[slot] = Math.addExact(counts[slot], times);
    }

    private void grow() throws ReportTooLargeException {
        int slots = Math.max(FIRST_SLOTS, Math.multiplyExact(values.length, 4));
        // An array of so many counts takes about as much memory as the table would take.
        int limit = Math.multiplyExact(slots, SLOT_BYTES / Character.BYTES);
        int below = 0;
        for (int i = 0; i < values.length; i++) {
            below += counts[i] > 0 && values[i] >= small.length && values[i] < limit ? 1 : 0;
        }
        if (limit > small.length && below * 3L > inTable) {
            countBelow(limit, values.length);
        } else {
            countBelow(small.length, slots);
        }
    }

    /** Moves all values below a limit to the array, and the others to a table with so many slots. */
    private void countBelow(int limit, int slots) throws ReportTooLargeException {
        long[] oldValues = values;
        int[] oldCounts = counts;
        long before = bytes();
        memory.take((long) limit * Character.BYTES + (long) slots * SLOT_BYTES);
        small = limit > small.length ? Arrays.copyOf(small, limit) : small;
        values = new long[slots];
        counts = new int[slots];
        inTable = 0;
        for (int i = 0; i < oldValues.length; i++) {
            if (oldCounts[i] > 0) {
                count(oldValues[i], oldCounts[i]);
            }
        }
        memory.giveBack(before);
    }

    private long bytes() {
        return (long) small.length * Character.BYTES + (long) values.length * SLOT_BYTES;
    }

    /** The slot where the value is, or would be. */
    private int slot(long value) {
        // The first bits of a product with the golden ratio spread neighbouring values and multiples of a round number.
        // Durations and tokens are often such values.
        int slot = (int) ((value * 0x9E3779B97F4A7C15L) >>> Long.numberOfLeadingZeros(values.length) + 1);
        while (counts[slot] > 0 && values[slot] != value) {
            slot = slot + 1 & values.length - 1;
        }
        return slot;
    }

    /** It is empty afterwards. */
    void clear() {
        memory.giveBack(bytes());
        small = NO_SMALL;
        values = NO_VALUES;
        counts = NO_COUNTS;
        inTable = 0;
        number = 0;
        total = 0;
    }

    long number() {
        return number;
    }

    long total() {
        return total;
    }

    /** Writes the values in their order. Each is a number that is small if the values are near each other. */
    void writeTo(CellWriter out) {
        InOrder inOrder = new InOrder();
        int distinct = 0;
        for (int place = 0; place < inOrder.length; place++) {
            distinct += inOrder.count(place) > 0 ? 1 : 0;
        }
        out.number(distinct);
        long last = 0;
        for (int place = 0; place < inOrder.length; place++) {
            int count = inOrder.count(place);
            if (count > 0) {
                long value = inOrder.value(place);
                out.number((value - last) << 1 | (count > 1 ? 1 : 0));
                if (count > 1) {
                    out.number(count);
                }
                last = value;
            }
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

    Spread spread() {
        if (number == 0) {
            return Spread.ZERO;
        }
        InOrder inOrder = new InOrder();
        return new Spread(
                (double) total / number,
                inOrder.value(inOrder.next(-1)),
                inOrder.value(inOrder.last()),
                inOrder.percentile(0.05),
                inOrder.percentile(0.95),
                total);
    }

    /** Numbers the values in their order. The array comes first; it also has places for values that did not occur. */
    private final class InOrder {

        private final long[] large = sorted();
        private final int length = small.length + large.length;
        private final boolean hasCarries = large.length < inTable;

        private long[] sorted() {
            long[] sorted = new long[inTable];
            int next = 0;
            for (int i = 0; i < values.length; i++) {
                if (counts[i] > 0 && !isSmall(values[i])) {
                    sorted[next++] = values[i];
                }
            }
            Arrays.sort(sorted, 0, next);
            return next == sorted.length ? sorted : Arrays.copyOf(sorted, next);
        }

        long value(int place) {
            return place < small.length ? place : large[place - small.length];
        }

        int count(int place) {
            if (place >= small.length) {
                return counts[slot(large[place - small.length])];
            }
            return hasCarries ? small[place] + counts[slot(place)] : small[place];
        }

        int next(int before) {
            int place = before + 1;
            while (count(place) == 0) {
                place++;
            }
            return place;
        }

        int last() {
            int place = length - 1;
            while (count(place) == 0) {
                place--;
            }
            return place;
        }

        /** Interpolates between the two nearest values, as {@code percentile_cont} does. */
        double percentile(double fraction) {
            double wanted = fraction * (number - 1);
            long below = (long) Math.floor(wanted);
            int place = 0;
            long upTo = count(0);
            while (upTo <= below) {
                upTo += count(++place);
            }
            long lower = value(place);
            long upper = upTo > below + 1 || upTo == number ? lower : value(next(place));
            return lower + (wanted - below) * (upper - lower);
        }
    }
}
