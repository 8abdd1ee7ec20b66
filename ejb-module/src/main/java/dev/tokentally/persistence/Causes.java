package dev.tokentally.persistence;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Set;

/** What stands behind a failure: its causes, and what each of them suppressed. WildFly's commit has it there only. */
final class Causes {

    private Causes() {}

    /** The failure and all that stands behind it, once each, causes before what is suppressed. */
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
