package dev.tokentally.scope;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.spi.CreationalContext;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.security.Principal;
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
    private final Instance<Principal> principal;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected CurrentTenant() {
        this(null, null);
    }

    @Inject
    CurrentTenant(BeanManager ownBeans, Instance<Principal> principal) {
        this.ownBeans = ownBeans;
        this.principal = principal;
    }

    Optional<String> find() {
        BeanManager callers = beansOfTheCaller();
        Bean<?> resolver = callers.resolve(callers.getBeans(TenantResolver.class));
        if (resolver == null) {
            return principalName();
        }
        CreationalContext<?> creation = callers.createCreationalContext(resolver);
        try {
            return ((TenantResolver) callers.getReference(resolver, TenantResolver.class, creation)).currentTenant();
        } finally {
            if (resolver.getScope() == jakarta.enterprise.context.Dependent.class) {
                creation.release();
            }
        }
    }

    /**
     * A bean in a WAR is invisible to injection into the EJB module of an EAR, on every server; the bean manager of the
     * component that calls sees it. A thread of the application's own has no component: there our own module's view is
     * all there is.
     */
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
