package dev.tokentally.persistence;

/** Why a call makes a sum of costs inexact, as a bit of a set, since a report meets millions of calls. */
final class Doubt {

    static final int UNPRICED = 1;
    static final int PARTIAL = 2;
    static final int MAYBE_BILLED = 4;

    /** Beside these: the call did not fail. */
    static final int OK = 8;

    /** What makes a call unpriced; a source that this release does not know is read as none, as everywhere. */
    static final String IS_UNPRICED =
            "status = 'ok' and cost_source not in ('provider', 'price-list', 'partial', 'maybe-billed')";

    /** Bits of a row of {@code llm_calls}. */
    static final String OF_A_ROW = "case when status = 'ok' then " + OK
            + " else 0 end + case when cost_source = 'partial' then "
            + PARTIAL + " when cost_source = 'maybe-billed' then " + MAYBE_BILLED + " when " + IS_UNPRICED + " then "
            + UNPRICED + " else 0 end";

    private Doubt() {}
}
