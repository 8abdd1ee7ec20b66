package dev.tokentally.web.http;

import dev.tokentally.text.OneLine;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import jakarta.annotation.Priority;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Method;
import java.util.List;

/**
 * Refuses a query that cannot be read, and any query of a request that takes none. Otherwise a client that puts a parameter into the
 * query instead of the body would ask for more than it meant, such as a repricing of all calls. It runs after the filters that
 * check keys and roles.
 */
@Provider
@Priority(Priorities.USER)
public class QueryFilter implements ContainerRequestFilter {

    /** The server injects proxies, so one object serves all requests. */
    @Context
    HttpServletRequest servletRequest;

    @Context
    ResourceInfo resource;

    @Override
    public void filter(ContainerRequestContext request) {
        // The servlet's request has the query as it was sent. JAX-RS has replaced what it could not decode.
        List<String> names = QueryText.names(servletRequest.getQueryString());
        Method method = resource.getResourceMethod();
        // JAX-RS itself answers OPTIONS, without a method of ours.
        if (!names.isEmpty() && method != null && !method.isAnnotationPresent(TakesQuery.class)) {
            throw new ProblemException(
                    ProblemKind.VALIDATION_ERROR,
                    "unknown parameter " + OneLine.of(names.get(0)) + "; this request takes none");
        }
    }
}
