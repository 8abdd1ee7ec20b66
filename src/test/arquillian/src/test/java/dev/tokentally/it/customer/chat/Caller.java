package dev.tokentally.it.customer.chat;

import dev.tokentally.scope.TenantResolver;
import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;

/** The caller: the tenant that the request names. */
@RequestScoped
public class Caller implements TenantResolver {

    private String tenantId;

    /** Sets the caller. */
    public void is(String tenant) {
        tenantId = tenant;
    }

    @Override
    public Optional<String> currentTenant() {
        return Optional.ofNullable(tenantId);
    }
}
