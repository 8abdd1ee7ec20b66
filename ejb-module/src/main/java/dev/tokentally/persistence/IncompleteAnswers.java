package dev.tokentally.persistence;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which answers of late lack the figures of dropped calls, since the rollups could not be read. Safe for use by many threads. */
final class IncompleteAnswers {

    private static final Logger LOG = System.getLogger(IncompleteAnswers.class.getName());

    /** An asker looks right after the answer. */
    private static final int MOST = 1000;

    private final Map<Object, String> reasons = new LinkedHashMap<>();
    private String told = "";

    /** The answer to the question lacks them. */
    synchronized void add(Object question, SQLException reason) {
        reasons.remove(question);
        reasons.put(question, String.valueOf(reason.getMessage()));
        if (reasons.size() > MOST) {
            reasons.remove(reasons.keySet().iterator().next());
        }
        if (!told.equals(reason.getMessage())) {
            told = String.valueOf(reason.getMessage());
            LOG.log(
                    Level.WARNING,
                    "Reports lack the figures of calls that were dropped, since the rollups cannot be read: " + told
                            + ". The database's role needs the right to select from tokentally_rollups,"
                            + " tokentally_rollup_ids, tokentally_rollup_marks and tokentally_rollup_state");
        }
    }

    /** The answer to the question has all that the rollups have. */
    synchronized void remove(Object question) {
        reasons.remove(question);
    }

    synchronized boolean has(Object question) {
        return reasons.containsKey(question);
    }
}
