package dev.tokentally.it.customer.chat;

import dev.tokentally.scope.TenantResolver;
import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;

/** Who asks: the tenant that the request names. */
@RequestScoped
public class Caller implements TenantResolver {

    private String tenantId;

    /** Says who it is. */
    public void is(String tenant) {
        tenantId = tenant;
    }

    @Override
    public Optional<String> currentTenant() {
        return Optional.ofNullable(tenantId);
    }
}
