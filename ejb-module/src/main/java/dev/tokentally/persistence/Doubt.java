package dev.tokentally.persistence;

/** Why a call makes a sum of costs inexact. Each reason is a bit, since a report reads millions of calls. */
final class Doubt {

    /** The cost is not known, and the call was answered, or it failed and says what it used. */
    static final int UNPRICED = 1;

    static final int PARTIAL = 2;
    static final int MAYBE_BILLED = 4;

    /** A further bit: the call did not fail. */
    static final int OK = 8;

    /** A further bit: the call did not fail, and is unpriced. */
    static final int ANSWERED_UNPRICED = 16;

    /**
     * The condition for a cost that is an amount of dollars. PostgreSQL takes NaN for greater than any number, and no record has a
     * cost this large.
     */
    static final String IS_AMOUNT = "cost_usd < 10000000000";

    /** The cost of a row. A DBA may have written a NaN, which counts as not known. */
    static final String COST = "case when " + IS_AMOUNT + " then cost_usd else 0.0000000000 end";

    /** A source that this release does not know is read as none, as everywhere else. */
    private static final String HAS_NO_COST = "not (cost_source in ('partial', 'maybe-billed')"
            + " or cost_source in ('provider', 'price-list') and " + IS_AMOUNT + ")";

    /**
     * The condition for an unpriced call. A call that failed and used nothing costs nothing. It needs only columns of PostgreSQL's
     * index.
     */
    static final String IS_UNPRICED = HAS_NO_COST + " and (status = 'ok' or input_tokens > 0 or output_tokens > 0)";

    /** The condition for a call that was answered. */
    static final String IS_ANSWERED_UNPRICED = HAS_NO_COST + " and status = 'ok'";

    /** The bits of a row of {@code llm_calls}. */
    static final String OF_A_ROW = "case when status = 'ok' then " + OK
            + " else 0 end + case when cost_source = 'partial' then "
            + PARTIAL + " when cost_source = 'maybe-billed' then " + MAYBE_BILLED + " when " + IS_ANSWERED_UNPRICED
            + " then " + (UNPRICED | ANSWERED_UNPRICED) + " when " + IS_UNPRICED + " then " + UNPRICED + " else 0 end";

    private Doubt() {}
}
