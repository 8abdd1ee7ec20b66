package dev.tokentally.web.key;

import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import jakarta.ws.rs.core.SecurityContext;

/**
 * Guards what concerns all tenants. By hand, as it depends on the server whether {@code @RolesAllowed} does anything, and
 * whose roles it asks for.
 */
public final class AdminOnly {

    private AdminOnly() {}

    /**
     * Lets the caller pass or ends the request with 403.
     *
     * @param caller whose key it is
     * @throws ProblemException when the key's role is not admin
     */
    public static void check(SecurityContext caller) {
        if (!caller.isUserInRole(Role.ADMIN.label())) {
            throw new ProblemException(ProblemKind.FORBIDDEN, "This needs an API key of the role admin.");
        }
    }
}
