package dev.tokentally.web.key;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.security.Principal;

/** A request whose caller is the tenant of its key; JAX-RS takes its security context from here. */
final class KeyedRequest extends HttpServletRequestWrapper {

    private final KeyPrincipal principal;
    private final Role role;

    KeyedRequest(HttpServletRequest request, ApiKey key) {
        super(request);
        this.principal = new KeyPrincipal(key.tenant());
        this.role = key.role();
    }

    @Override
    public Principal getUserPrincipal() {
        return principal;
    }

    @Override
    public String getRemoteUser() {
        return principal.getName();
    }

    @Override
    public boolean isUserInRole(String label) {
        return role.includes(label);
    }

    @Override
    public String getAuthType() {
        return "Bearer";
    }
}
