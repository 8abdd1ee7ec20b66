package dev.tokentally.scope;

import java.util.Optional;

/**
 * Says who the current caller is. Without a bean of this type, the caller's principal is the tenant; an anonymous caller has none.
 * An application replaces that with its own bean, in the EJB module or in a WAR:
 *
 * <pre>{@code
 * @ApplicationScoped
 * class HeaderTenant implements TenantResolver {
 *     public Optional<String> currentTenant() { return Optional.ofNullable(currentRequest.header("X-Tenant")); }
 * }
 * }</pre>
 *
 * <p>Called on the thread that enters the scope.
 */
public interface TenantResolver {

    /**
     * The tenant who pays for the calls of the current caller.
     *
     * @return the tenant; empty when there is none, never null
     */
    Optional<String> currentTenant();
}
