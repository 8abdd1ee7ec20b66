package dev.tokentally.llm;

/** Why a call's counts may not be all that its bill is made of. */
public enum UsageDoubt {
    /** No input count was told: the call is not priced. */
    INPUT_UNKNOWN,
    /** No output count was told: the price is partial where the kind of call has an output. */
    OUTPUT_UNKNOWN,
    /**
     * Only a total was told, which stands as the input: right for embeddings, moderations and rerankings, and not counted
     * for any other kind.
     */
    TOTAL_ALONE,
    /** Something that changes the bill has no meter, or is not told in full: the price is partial. */
    INCOMPLETE,
    /** Counts could not be and were put right, or what they are of is not known: the call is never priced from them. */
    CONTRADICTORY
}
