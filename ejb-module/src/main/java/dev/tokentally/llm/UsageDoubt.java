package dev.tokentally.llm;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

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
    CONTRADICTORY;

    /**
     * What it is called in stored rows.
     *
     * @return the name, such as {@code input_unknown}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The reverse of {@link #label()}.
     *
     * @param label a name; null has no doubt
     * @return the doubt; empty when none is called so
     */
    public static Optional<UsageDoubt> ofLabel(String label) {
        return Arrays.stream(values())
                .filter(doubt -> doubt.label().equals(label))
                .findFirst();
    }
}
