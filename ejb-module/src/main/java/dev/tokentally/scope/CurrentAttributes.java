package dev.tokentally.scope;

import dev.tokentally.text.QuietLog;
import dev.tokentally.text.Summary;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Asks the application's {@link CallAttributesResolver}, if it has one. */
@ApplicationScoped
class CurrentAttributes {

    private static final Logger LOG = QuietLog.of(CurrentAttributes.class);

    private final Resolvers resolvers;
    private final AttributeRules rules;

    /** What the resolver gives may come from a client, with each of its requests. */
    private final Summary leftOut = new Summary(LOG, "attributes were left out", Level.WARNING);

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected CurrentAttributes() {
        this(null, null);
    }

    @Inject
    CurrentAttributes(Resolvers resolvers, AttributeRules rules) {
        this.resolvers = resolvers;
        this.rules = rules;
    }

    @PreDestroy
    void tellTheRest() {
        leftOut.tellTheRest();
    }

    /**
     * The same scope with the attributes of the resolver. It never makes the call fail, whatever the resolver returns or throws.
     */
    Scope addedTo(Scope scope) {
        try {
            CallAttributes given =
                    resolvers.ask(CallAttributesResolver.class, CallAttributesResolver::currentAttributes, () -> null);
            if (given == null) {
                return scope;
            }
            LeftOut reasons = new LeftOut();
            Attributes attributes = rules.within(scope.attributes(), given, reasons);
            reasons.tell("the CallAttributesResolver gives", where(scope), leftOut);
            return scope.with(attributes);
        } catch (Throwable failure) {
            leftOut.add("The CallAttributesResolver failed with "
                    + failure.getClass().getName() + ", and the calls are recorded without its attributes"
                    + where(scope));
            return scope;
        }
    }

    private static String where(Scope scope) {
        return ", tenant=" + scope.tenantId() + " operation=" + scope.operation();
    }
}
