package dev.tokentally.persistence;

import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Remembers which recent answers lack the figures of dropped calls, mostly because the rollups could not be read. Safe for use by
 * many threads.
 */
final class IncompleteAnswers {

    private static final Logger LOG = QuietLog.of(IncompleteAnswers.class);

    /** A few are enough, since a caller asks right after the answer. */
    private static final int MOST = 1000;

    /** The oldest first. */
    private final Set<Object> questions = new LinkedHashSet<>();

    private String told = "";

    /** The answer to the question lacks figures of dropped calls. */
    synchronized void add(Object question) {
        questions.remove(question);
        questions.add(question);
        if (questions.size() > MOST) {
            questions.remove(questions.iterator().next());
        }
    }

    /** The same, for a reason that a person can remove. */
    synchronized void add(Object question, SQLException reason) {
        add(question);
        if (!told.equals(reason.getMessage())) {
            told = String.valueOf(reason.getMessage());
            LOG.log(
                    Level.WARNING,
                    "Reports lack the figures of calls that were dropped, since the rollups cannot be read: " + told
                            + ". The database's role needs the right to select from tokentally_rollups,"
                            + " tokentally_rollup_ids, tokentally_rollup_marks and tokentally_rollup_state");
        }
    }

    /** The answer to the question has all figures of the rollups. */
    synchronized void remove(Object question) {
        questions.remove(question);
    }

    synchronized boolean has(Object question) {
        return questions.contains(question);
    }
}
