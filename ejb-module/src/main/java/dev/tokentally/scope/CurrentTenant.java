package dev.tokentally.scope;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.security.Principal;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Asks the application's {@link TenantResolver}. If the application has none, the caller's principal is the tenant. */
@ApplicationScoped
class CurrentTenant {

    /** The name of a caller who did not sign in: ANONYMOUS on Payara, anonymous on WildFly. */
    private static final Set<String> ANONYMOUS = Set.of("anonymous", "unauthenticated");

    private final Resolvers resolvers;
    private final Instance<Principal> principal;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected CurrentTenant() {
        this(null, null);
    }

    @Inject
    CurrentTenant(Resolvers resolvers, Instance<Principal> principal) {
        this.resolvers = resolvers;
        this.principal = principal;
    }

    /** Null if the application's resolver returns null. */
    Optional<String> find() {
        return resolvers.ask(TenantResolver.class, TenantResolver::currentTenant, this::principalName);
    }

    private Optional<String> principalName() {
        return Optional.ofNullable(principal.get())
                .map(Principal::getName)
                .filter(name -> !name.isBlank() && !ANONYMOUS.contains(name.toLowerCase(Locale.ROOT)));
    }
}
