package dev.tokentally.llm;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Why a call's counts may not explain its whole bill. */
public enum UsageDoubt {
    /** The input count is not known: the call is not priced. */
    INPUT_UNKNOWN,
    /** The output count is not known: the price is partial if the kind of call has an output. */
    OUTPUT_UNKNOWN,
    /**
     * Only a total is known, and it stands as the input. That is right for embeddings, moderations and rerankings; for
     * any other kind the total does not count.
     */
    TOTAL_ALONE,
    /** Something that changes the bill has no meter, or only a part of it is known: the price is partial. */
    INCOMPLETE,
    /**
     * Counts were impossible and had to be corrected, or it is not known what they count: the call is never priced from
     * them.
     */
    CONTRADICTORY;

    /**
     * The name in stored rows.
     *
     * @return the name, such as {@code input_unknown}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The reverse of {@link #label()}.
     *
     * @param label a name; null stands for no doubt
     * @return the doubt; empty when no doubt has this name
     */
    public static Optional<UsageDoubt> ofLabel(String label) {
        return Arrays.stream(values())
                .filter(doubt -> doubt.label().equals(label))
                .findFirst();
    }
}
