package dev.tokentally.scope;

import dev.tokentally.text.QuietLog;
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

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected CurrentAttributes() {
        this(null, null);
    }

    @Inject
    CurrentAttributes(Resolvers resolvers, AttributeRules rules) {
        this.resolvers = resolvers;
        this.rules = rules;
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
            LeftOut leftOut = new LeftOut();
            Attributes attributes = rules.within(scope.attributes(), given, leftOut);
            leftOut.tell("the CallAttributesResolver gives", where(scope));
            return scope.with(attributes);
        } catch (Throwable failure) {
            LOG.log(
                    Level.WARNING,
                    "The CallAttributesResolver failed with "
                            + failure.getClass().getName()
                            + ", and the calls are recorded without its attributes"
                            + where(scope));
            return scope;
        }
    }

    private static String where(Scope scope) {
        return ", tenant=" + scope.tenantId() + " operation=" + scope.operation();
    }
}
