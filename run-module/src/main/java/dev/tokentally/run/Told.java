package dev.tokentally.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the server's log says about the application. Only the log says why a store cannot be reached, and it can be read
 * without an API key.
 *
 * @param store the store that takes records, such as {@code PostgreSQL 18.4}; empty if no store takes any
 * @param why why no store takes records; empty if one does, or if the log does not say it
 * @param mode the mode of recording; empty if the log does not say it
 * @param warnings the messages of the application's WARNINGs and ERRORs, without the one that says {@code why}
 */
record Told(Optional<String> store, Optional<String> why, Optional<String> mode, List<String> warnings) {

    /** The beginning of a log line: the logger's name, perhaps with colour codes, up to the message. */
    private static final String MESSAGE = "\\S*\\] .*?\\[levelValue: \\d+\\] ";

    private static final Pattern STORE = Pattern.compile(
            "dev\\.tokentally\\.persistence\\.Store" + MESSAGE + "LLM calls are recorded in ([^(]+) \\(");
    private static final Pattern WHY = Pattern.compile("dev\\.tokentally\\.persistence\\.Store" + MESSAGE
            + "The store .* is out of reach at start\\..* Why: (.*)$");
    private static final Pattern MODE =
            Pattern.compile("dev\\.tokentally\\.recording\\.\\w+" + MESSAGE + "Recording is ([a-z-]+);");

    /**
     * A WARNING or an ERROR. The lines about refused keys are left out: the run command itself asks without a key, to see
     * whether the server is ready.
     */
    private static final Pattern WARNING = Pattern.compile(
            "dev\\.tokentally\\.(?!web\\.key\\.KeyFilter)\\S*\\] .*?\\[levelValue: (?:900|1000)\\] (.*)$");

    /** Payara writes a message of several lines, and one with a stack trace, from the next line on. */
    private static final String ON_THE_NEXT_LINE = "[[";

    /** Reads the log of one start. */
    static Told in(List<String> lines) {
        Optional<String> store = last(STORE, lines);
        return new Told(
                store, store.isPresent() ? Optional.empty() : last(WHY, lines), last(MODE, lines), warnings(lines));
    }

    private static List<String> warnings(List<String> lines) {
        List<String> warnings = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher warning = WARNING.matcher(lines.get(i));
            if (warning.find() && !WHY.matcher(lines.get(i)).find()) {
                boolean below = warning.group(1).equals(ON_THE_NEXT_LINE) && i + 1 < lines.size();
                warnings.add(below ? lines.get(i + 1).strip() : warning.group(1));
            }
        }
        return warnings;
    }

    private static Optional<String> last(Pattern pattern, List<String> lines) {
        return lines.stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .reduce((earlier, later) -> later);
    }
}
