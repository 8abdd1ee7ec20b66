package dev.tokentally.web.key;

import dev.tokentally.scope.TenantResolver;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.ContextNotActiveException;
import jakarta.inject.Inject;
import java.util.Optional;

/**
 * The tenant of the key is the tenant of the calls. This bean is needed because CDI's own {@code Principal} bean is the container's
 * caller on every server, and does not see the request that {@link KeyFilter} passes on.
 */
@ApplicationScoped
class CallerTenantResolver implements TenantResolver {

    private final Caller caller;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected CallerTenantResolver() {
        this(null);
    }

    @Inject
    CallerTenantResolver(Caller caller) {
        this.caller = caller;
    }

    @Override
    public Optional<String> currentTenant() {
        try {
            return caller.tenant();
        } catch (ContextNotActiveException noRequest) {
            return Optional.empty();
        }
    }
}
