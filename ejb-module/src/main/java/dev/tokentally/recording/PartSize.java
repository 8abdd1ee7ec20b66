package dev.tokentally.recording;

/**
 * How many records the connection to the store carries in one transaction. It is halved when a transaction gets no answer in time, and
 * doubled after some full transactions that were stored. Used by one thread.
 */
final class PartSize {

    /** After so many full transactions twice as many records are tried. */
    private static final int PATIENCE = 10;

    private int atMost = Drainer.BATCH;
    /** How many transactions of that size were stored since it changed. */
    private long full;

    private long patience = PATIENCE;
    /** Whether the size was doubled and no transaction of that size was answered yet. */
    private boolean isTrial;

    int atMost() {
        return atMost;
    }

    /**
     * A transaction got no answer in time. A single record cannot be too many.
     *
     * @return whether a smaller transaction was stored just before, so this says little about the store
     */
    boolean tooMany(int records) {
        if (records == 1) {
            return false;
        }
        atMost = Math.min(atMost, (records + 1) / 2);
        full = 0;
        boolean wasTrial = isTrial;
        if (wasTrial) {
            // The connection is still slow. The next trial comes later.
            patience *= 2;
            isTrial = false;
        }
        return wasTrial;
    }

    void stored(int records) {
        if (records < atMost) {
            return;
        }
        if (isTrial) {
            isTrial = false;
            patience = PATIENCE;
        }
        full++;
        if (full >= patience && atMost < Drainer.BATCH) {
            full = 0;
            isTrial = true;
            atMost = Math.min(Drainer.BATCH, 2 * atMost);
        }
    }
}
