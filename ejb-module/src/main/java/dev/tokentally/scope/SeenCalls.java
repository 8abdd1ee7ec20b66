package dev.tokentally.scope;

/** Remembers whether a call was seen in a scope, and whether the scope was taken to a place where calls may follow later. */
final class SeenCalls {

    /** The seen calls of the scope around this one; null if there is no such scope, or if nobody waits for its calls any more. */
    private final SeenCalls outer;

    private volatile boolean any;
    private volatile boolean elsewhere;

    /**
     * If the outer scope was taken elsewhere, its calls are not kept here. Otherwise tasks that start tasks would make an endless
     * chain.
     */
    SeenCalls(SeenCalls outer) {
        this.outer = outer == null || outer.elsewhere ? null : outer;
    }

    /** A call counts for all scopes in which it is made. */
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
