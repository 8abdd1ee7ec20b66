package dev.tokentally.web.key;

import dev.tokentally.web.problem.OneLine;
import dev.tokentally.web.problem.Problem;
import dev.tokentally.web.problem.ProblemKind;
import dev.tokentally.web.problem.ProblemResponse;
import dev.tokentally.web.problem.UnexpectedFailure;
import jakarta.inject.Inject;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;

/**
 * Lets no request into the API without a right key, whatever its path or method: before JAX-RS, so that it does not
 * matter whether the path exists. Mapped in web.xml. Safe for use by many threads.
 */
public class KeyFilter implements Filter {

    private static final Logger LOG = System.getLogger(KeyFilter.class.getName());

    @Inject
    ApiKeys keys;

    @Inject
    Caller caller;

    @Override
    public void doFilter(ServletRequest anyRequest, ServletResponse anyResponse, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) anyRequest;
        ProblemResponse response = new ProblemResponse((HttpServletResponse) anyResponse);
        response.setHeader("Cache-Control", "no-store");
        try {
            BearerHeader header = BearerHeader.of(authorization(request));
            Optional<ApiKey> key = Optional.ofNullable(header.key()).flatMap(keys::find);
            if (key.isEmpty()) {
                logRefusal(request, header);
                refuse(response);
                return;
            }
            caller.is(key.get());
            chain.doFilter(new KeyedRequest(request, key.get()), response);
        } catch (RuntimeException | ServletException failure) {
            // A server's own error page may show the stack trace.
            Problem problem = UnexpectedFailure.logged(failure);
            if (!response.isCommitted()) {
                response.reset();
                response.send(problem);
            }
        }
    }

    private static List<String> authorization(HttpServletRequest request) {
        Enumeration<String> headers = request.getHeaders("Authorization");
        return headers == null ? List.of() : Collections.list(headers);
    }

    private static void refuse(ProblemResponse response) throws IOException {
        response.setHeader("WWW-Authenticate", "Bearer");
        response.send(new Problem(
                ProblemKind.UNAUTHORIZED,
                "A valid API key is needed, in one header of the form: Authorization: Bearer KEY"));
    }

    private static void logRefusal(HttpServletRequest request, BearerHeader header) {
        LOG.log(
                Level.WARNING,
                "An API request is refused: " + (header.fault() == null ? "the key is not known" : header.fault())
                        + ", address=" + request.getRemoteAddr() + " method=" + OneLine.of(request.getMethod())
                        + " path=" + OneLine.of(request.getRequestURI()));
    }
}
