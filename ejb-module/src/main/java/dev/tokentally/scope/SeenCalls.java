package dev.tokentally.scope;

/** Whether a call was seen in a scope, and whether the scope went to where its calls may be made later. */
final class SeenCalls {

    /** Of the scope around it; null where there is none, or where that one is waited for no longer. */
    private final SeenCalls outer;

    private volatile boolean any;
    private volatile boolean elsewhere;

    /** An outer one that has gone elsewhere is not kept: tasks that start tasks would make an endless chain. */
    SeenCalls(SeenCalls outer) {
        this.outer = outer == null || outer.elsewhere ? null : outer;
    }

    /** A call counts for all scopes that it is made in. */
    void add() {
        for (SeenCalls seen = this; seen != null && !seen.any; seen = seen.outer) {
            seen.any = true;
        }
    }

    /** The scope is taken to other threads, with those around it. */
    void goElsewhere() {
        for (SeenCalls seen = this; seen != null && !seen.elsewhere; seen = seen.outer) {
            seen.elsewhere = true;
        }
    }

    boolean any() {
        return any;
    }

    boolean mayComeLater() {
        return elsewhere;
    }
}
