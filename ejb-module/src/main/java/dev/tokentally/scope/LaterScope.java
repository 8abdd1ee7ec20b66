package dev.tokentally.scope;

import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * The scope of a method that has returned, for work that the method described and its caller starts later. If the scope can no
 * longer be entered, since the application has stopped for example, that is an ERROR in the log and breaks nothing.
 */
record LaterScope(CallScope scopes, Scope left) {

    private static final Logger LOG = QuietLog.of(LaterScope.class);

    private static final CallScope.Handle NOTHING = () -> {};

    CallScope.Handle enter() {
        return entered(left);
    }

    /** The scope of the caller, to which {@link #leaveFor} leads back; null if there is none. */
    Scope outside() {
        try {
            return scopes.innermost().map(Scope::takenAlong).orElse(null);
        } catch (RuntimeException broken) {
            return null;
        }
    }

    /** If this scope is the innermost one, code that runs until the handle is closed sees the other scope instead. */
    CallScope.Handle leaveFor(Scope other) {
        Scope here = outside();
        if (here == null || !here.isSameAs(left)) {
            return NOTHING;
        }
        return other == null ? scopes.leaveAll() : entered(other);
    }

    private CallScope.Handle entered(Scope scope) {
        try {
            return scopes.enter(scope);
        } catch (RuntimeException broken) {
            LOG.log(
                    Level.ERROR,
                    "The result of an @LlmOperation method runs without its call scope, because the scope cannot be entered: "
                            + broken.getClass().getName());
            return NOTHING;
        }
    }
}
