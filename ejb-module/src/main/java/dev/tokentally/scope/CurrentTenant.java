package dev.tokentally.scope;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.context.spi.CreationalContext;
import jakarta.enterprise.inject.AmbiguousResolutionException;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.security.Principal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** Asks the application's {@link TenantResolver}, or the caller's principal where it has none. */
@ApplicationScoped
class CurrentTenant {

    /** How servers name the caller who did not say who it is: Payara ANONYMOUS, WildFly anonymous. */
    private static final Set<String> ANONYMOUS = Set.of("anonymous", "unauthenticated");

    private final BeanManager ownBeans;
    private final TenantResolverBeans resolvers;
    private final Instance<Principal> principal;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected CurrentTenant() {
        this(null, null, null);
    }

    @Inject
    CurrentTenant(BeanManager ownBeans, TenantResolverBeans resolvers, Instance<Principal> principal) {
        this.ownBeans = ownBeans;
        this.resolvers = resolvers;
        this.principal = principal;
    }

    Optional<String> find() {
        Bean<?> resolver = resolver();
        if (resolver == null) {
            return principalName();
        }
        CreationalContext<?> creation = ownBeans.createCreationalContext(resolver);
        try {
            return ((TenantResolver) ownBeans.getReference(resolver, TenantResolver.class, creation)).currentTenant();
        } finally {
            if (resolver.getScope() == Dependent.class) {
                creation.release();
            }
        }
    }

    /** Of several, as when each WAR of an EAR brings its own, what the calling component sees decides. */
    private Bean<?> resolver() {
        List<Bean<?>> all = resolvers.all();
        if (all.size() < 2) {
            return all.isEmpty() ? null : all.get(0);
        }
        BeanManager callers = beansOfTheCaller();
        Bean<?> seen = callers.resolve(callers.getBeans(TenantResolver.class));
        if (seen == null) {
            throw new AmbiguousResolutionException(
                    "Several modules of the application have a TenantResolver, and the one that"
                            + " calls sees none of them: " + all);
        }
        return seen;
    }

    /** A thread of the application's own has no component: there our own module's view is all there is. */
    private BeanManager beansOfTheCaller() {
        try {
            return InitialContext.doLookup("java:comp/BeanManager");
        } catch (NamingException noComponent) {
            return ownBeans;
        }
    }

    private Optional<String> principalName() {
        return Optional.ofNullable(principal.get())
                .map(Principal::getName)
                .filter(name -> !name.isBlank() && !ANONYMOUS.contains(name.toLowerCase(Locale.ROOT)));
    }
}
