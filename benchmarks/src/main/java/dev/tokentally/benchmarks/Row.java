package dev.tokentally.benchmarks;

/**
 * A line of the table.
 *
 * @param measured what was measured
 * @param where the server and the database
 * @param result the median of the rounds
 * @param spread the lowest and the highest
 * @param beside what was measured for comparison in the same run
 * @param ratio our result divided by the compared one
 * @param goal the goal
 * @param reached {@code yes}, {@code **no**}, or empty without a goal
 */
record Row(
        String measured,
        String where,
        String result,
        String spread,
        String beside,
        String ratio,
        String goal,
        String reached) {

    static final String HEADER = "| measured | where | result | spread | beside it | ratio | goal | reached |\n"
            + "| --- | --- | ---: | --- | --- | ---: | --- | --- |\n";

    static String reached(boolean is) {
        return is ? "yes" : "**no**";
    }

    @Override
    public String toString() {
        return "| " + String.join(" | ", measured, where, result, spread, beside, ratio, goal, reached) + " |";
    }
}
