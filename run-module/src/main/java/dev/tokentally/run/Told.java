package dev.tokentally.run;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the application says in the server's log of where its records go. The log is the only place that says why a store is out of
 * reach, and no API key is needed to read it.
 *
 * @param store the store that takes records, such as {@code PostgreSQL 18.4}; empty while none does
 * @param why why none does; empty when the log does not say, and when one does
 * @param mode when a record is written; empty when the log does not say
 */
record Told(Optional<String> store, Optional<String> why, Optional<String> mode) {

    /** A logger's line: its name, in colour perhaps, and the message. */
    private static final String MESSAGE = "\\S*\\] .*?\\[levelValue: \\d+\\] ";

    private static final Pattern STORE = Pattern.compile(
            "dev\\.tokentally\\.persistence\\.Store" + MESSAGE + "LLM calls are recorded in ([^(]+) \\(");
    private static final Pattern WHY = Pattern.compile("dev\\.tokentally\\.persistence\\.Store" + MESSAGE
            + "The store .* is out of reach at start\\..* Why: (.*)$");
    private static final Pattern MODE =
            Pattern.compile("dev\\.tokentally\\.recording\\.\\w+" + MESSAGE + "Recording is ([a-z-]+);");

    /** Reads the log of one start. */
    static Told in(List<String> lines) {
        Optional<String> store = last(STORE, lines);
        return new Told(store, store.isPresent() ? Optional.empty() : last(WHY, lines), last(MODE, lines));
    }

    private static Optional<String> last(Pattern pattern, List<String> lines) {
        return lines.stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .reduce((earlier, later) -> later);
    }
}
