package dev.tokentally.pricing;

import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The entries of a list of prices that cannot be used, by reason. Used by one thread. */
final class UnusableEntries {

    private static final Logger LOG = QuietLog.of(UnusableEntries.class);

    private static final int SHOWN = 5;
    private static final int REASONS = 10;

    private final Map<String, List<String>> byReason = new TreeMap<>();
    private int count;

    void add(String what, String why) {
        count++;
        byReason.computeIfAbsent(why, none -> new ArrayList<>()).add(what);
    }

    /** Logs all of them in one line, however many there are. */
    void tell(String list) {
        if (count == 0) {
            return;
        }
        String reasons = byReason.entrySet().stream()
                .sorted((one, other) -> other.getValue().size() - one.getValue().size())
                .limit(REASONS)
                .map(reason -> reason.getValue().size() + " of which " + reason.getKey() + " ("
                        + some(reason.getValue()) + ")")
                .collect(Collectors.joining("; "));
        LOG.log(
                Level.WARNING,
                count + " entries of " + list + " cannot be used, and calls of their models have no price: " + reasons
                        + (byReason.size() > REASONS ? "; …" : ""));
    }

    /** The first names of some, safe for a line of a log. */
    static String some(Collection<String> names) {
        return names.stream().limit(SHOWN).map(PriceText::shown).collect(Collectors.joining(", "))
                + (names.size() > SHOWN ? ", …" : "");
    }
}
