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
 * Gives a request the call id that its {@code X-Request-ID} header names, or a new one where that is not a single UUID,
 * and sends it back in the response's header of the same name. Scopes that the request enters without a call id of
 * their own have this one, those of {@link LlmOperation} too.
 *
 * <p>Where OpenTelemetry has no current span, their calls are recorded in the trace of the request's {@code traceparent} header
 * (W3C Trace Context). A header that is not as it should be is left out, with one WARNING.
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
                    id.callId(),
                    TraceParent.of(Collections.list(http.getHeaders(TraceParent.HEADER)), id.callId())
                            .orElse(null));
            answer.setHeader(RequestId.HEADER, id.header());
        }
        chain.doFilter(request, response);
    }
}
