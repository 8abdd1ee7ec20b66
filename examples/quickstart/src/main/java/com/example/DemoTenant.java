package com.example;

import dev.tokentally.scope.TenantResolver;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Says who pays. Leave it out where your users log in: then it is the caller's principal. */
@ApplicationScoped
public class DemoTenant implements TenantResolver {

    @Override
    public Optional<String> currentTenant() {
        return Optional.of("acme");
    }
}
