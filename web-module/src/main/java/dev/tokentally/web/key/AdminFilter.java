package dev.tokentally.web.key;

import dev.tokentally.web.problem.Problem;
import dev.tokentally.web.problem.ProblemKind;
import dev.tokentally.web.problem.ProblemMapper;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

/**
 * Ends a request with 403 unless its key is an admin's. We use our own filter, since it depends on the server whether {@code
 * @RolesAllowed} has an effect, and whose roles it checks.
 */
@Provider
@AdminOnly
@Priority(Priorities.AUTHORIZATION)
public class AdminFilter implements ContainerRequestFilter {

    @Override
    public void filter(ContainerRequestContext request) {
        if (!request.getSecurityContext().isUserInRole(Role.ADMIN.label())) {
            request.abortWith(ProblemMapper.response(
                            new Problem(ProblemKind.FORBIDDEN, "This needs an API key of the role admin."))
                    .build());
        }
    }
}
