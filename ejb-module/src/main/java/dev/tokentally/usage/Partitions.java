package dev.tokentally.usage;

/**
 * How far the partitioning of the table of calls is.
 *
 * @param state {@code one-table}, {@code converting}, {@code partitioned}, or {@code by-dba} if a DBA has partitioned it
 * @param done how many steps are done
 * @param total how many steps there are; 0 if the table stays one
 */
public record Partitions(String state, int done, int total) {

    /** The table is one, and stays so. */
    public static final Partitions ONE_TABLE = new Partitions("one-table", 0, 0);

    /** The state of a table that a DBA has partitioned. */
    public static final String BY_DBA = "by-dba";

    /** The steps from one table to a partitioned one. */
    public static final int STEPS = 5;

    /**
     * Whether some steps are still to be done.
     *
     * @return true between one table and a partitioned one
     */
    public boolean isConverting() {
        return state.equals("converting");
    }
}
