package dev.tokentally.it.customer.web;

import dev.tokentally.scope.TenantResolver;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** The customer's own tenants, from a bean in the WAR. */
@ApplicationScoped
public class WarTenant implements TenantResolver {

    private final ThreadLocal<String> current = new ThreadLocal<>();

    @Override
    public Optional<String> currentTenant() {
        return Optional.ofNullable(current.get());
    }

    public void set(String tenant) {
        current.set(tenant);
    }

    public void clear() {
        current.remove();
    }
}
