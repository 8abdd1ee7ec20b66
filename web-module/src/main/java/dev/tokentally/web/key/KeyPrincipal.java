package dev.tokentally.web.key;

import java.security.Principal;

/** A tenant as the caller of a request. */
record KeyPrincipal(String tenant) implements Principal {

    @Override
    public String getName() {
        return tenant;
    }
}
