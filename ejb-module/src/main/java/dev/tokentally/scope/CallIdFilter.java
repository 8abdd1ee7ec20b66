package dev.tokentally.scope;

import jakarta.inject.Inject;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;

/**
 * Gives a request the call id of its {@code X-Request-ID} header, or a new one if the header is not a single UUID, and sends it
 * back in the same header of the response. If the request enters a scope without a call id of its own, the scope has this one; that
 * includes the scopes of {@link LlmOperation}.
 *
 * <p>If OpenTelemetry has no current span, or if it belongs to another trace, the calls of these scopes are recorded in the trace of
 * the request's {@code traceparent} header (W3C Trace Context). A wrong header is ignored, with one WARNING when the request enters its first scope.
 *
 * <p>An application enables it with one line, for its servlets and JAX-RS resources alike:
 *
 * <pre>{@code
 * @WebFilter("/*") public class CallIds extends CallIdFilter {}
 * }</pre>
 *
 * <p>The container makes it, since CDI injects what it needs. Safe for use by many threads.
 */
public class CallIdFilter implements Filter {

    @Inject
    CallContext context;

    @Override
    public void init(FilterConfig config) throws ServletException {
        if (context == null) {
            throw new ServletException("The filter " + config.getFilterName() + " was not made by the container:"
                    + " register the class " + getClass().getName() + ", not an instance of it");
        }
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request instanceof HttpServletRequest http && response instanceof HttpServletResponse answer) {
            RequestId id = RequestId.of(Collections.list(http.getHeaders(RequestId.HEADER)));
            context.useForThisRequest(
                    id.callId(), TraceParent.of(Collections.list(http.getHeaders(TraceParent.HEADER))));
            answer.setHeader(RequestId.HEADER, id.header());
        }
        chain.doFilter(request, response);
    }
}
