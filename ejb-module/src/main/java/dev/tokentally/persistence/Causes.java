package dev.tokentally.persistence;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The exceptions behind a failure: its causes, and those that each of them suppressed. After a failed commit, WildFly has the real
 * reason only among the suppressed ones.
 */
final class Causes {

    private Causes() {}

    /** The failure and all exceptions behind it, each once, causes before suppressed ones. */
    static Set<Throwable> of(Throwable failure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Throwable> found = new LinkedHashSet<>();
        Deque<Throwable> open = new ArrayDeque<>();
        open.add(failure);
        while (!open.isEmpty()) {
            for (Throwable cause = open.poll(); cause != null && seen.add(cause); cause = cause.getCause()) {
                found.add(cause);
                Collections.addAll(open, cause.getSuppressed());
            }
        }
        return found;
    }
}
