package dev.tokentally.web.key;

import dev.tokentally.text.OneLine;
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
import java.util.concurrent.TimeUnit;

/**
 * Lets no request into the API without a right key, whatever its path or method. It runs before JAX-RS, so it does not matter
 * whether the path exists. An address that sends too many wrong keys is told to wait. Mapped in web.xml. Safe for use by many
 * threads.
 */
public class KeyFilter implements Filter {

    private static final Logger LOG = System.getLogger(KeyFilter.class.getName());

    @Inject
    ApiKeys keys;

    @Inject
    FailedAttempts failedAttempts;

    @Inject
    Caller caller;

    @Override
    public void doFilter(ServletRequest anyRequest, ServletResponse anyResponse, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) anyRequest;
        ProblemResponse response = new ProblemResponse((HttpServletResponse) anyResponse);
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        try {
            BearerHeader header = BearerHeader.of(authorization(request));
            Optional<ApiKey> key = Optional.ofNullable(header.key()).flatMap(keys::find);
            if (key.isEmpty()) {
                refuse(request, header, response);
                return;
            }
            caller.is(key.get());
            chain.doFilter(new KeyedRequest(request, key.get()), response);
        } catch (RuntimeException | ServletException failure) {
            // A server's own error page may show the stack trace.
            Problem problem = UnexpectedFailure.logged(failure);
            if (!response.isCommitted()) {
                // The headers stay, such as the request's id, which another filter has set.
                response.resetBuffer();
                response.send(problem);
            }
        }
    }

    private static List<String> authorization(HttpServletRequest request) {
        Enumeration<String> headers = request.getHeaders("Authorization");
        return headers == null ? List.of() : Collections.list(headers);
    }

    /**
     * The number of failures is checked only for a wrong key. So a right key is accepted, however many wrong ones the address has
     * sent.
     */
    private void refuse(HttpServletRequest request, BearerHeader header, ProblemResponse response) throws IOException {
        ClientAddress address = ClientAddress.of(request.getRemoteAddr());
        FailedAttempt attempt =
                header.isMissing() ? failedAttempts.withoutKeyFrom(address) : failedAttempts.from(address);
        log(attempt, address, request, header);
        if (attempt.isOneTooMany()) {
            response.setHeader("Retry-After", Long.toString(attempt.retryAfterSeconds()));
            response.send(new Problem(
                    ProblemKind.TOO_MANY_REQUESTS,
                    "Too many requests with a wrong API key came from this address. One with a valid key is answered at"
                            + " any time."));
            return;
        }
        response.setHeader("WWW-Authenticate", "Bearer");
        response.send(new Problem(
                ProblemKind.UNAUTHORIZED,
                "A valid API key is needed, in one header of the form: Authorization: Bearer KEY"));
    }

    private void log(FailedAttempt attempt, ClientAddress address, HttpServletRequest request, BearerHeader header) {
        switch (attempt.line()) {
            case ATTEMPT ->
                LOG.log(
                        Level.WARNING,
                        "An API request is refused: "
                                + (header.fault() == null ? "the key is not known" : header.fault())
                                + ", address=" + address.shown() + " method=" + OneLine.of(request.getMethod())
                                + " path=" + OneLine.of(request.getRequestURI()) + untoldBefore(attempt));
            case ADDRESS_HAS_TOO_MANY ->
                LOG.log(
                        Level.WARNING,
                        "Too many API requests without a valid key, address=" + address.counted()
                                + (header.isMissing() ? ": further ones are" : ": further ones get 429, and are")
                                + " not logged until there were none for "
                                + seconds(failedAttempts.allowed()) + untoldBefore(attempt));
            case ALL_HAVE_TOO_MANY ->
                LOG.log(
                        Level.WARNING,
                        "Too many API requests without a valid key, from different addresses, the latest address="
                                + address.shown() + ": further ones are not logged until there were none for "
                                + seconds(FailedAttempts.MOST_LINES) + untoldBefore(attempt));
            case NONE -> {}
        }
    }

    private static String untoldBefore(FailedAttempt attempt) {
        return attempt.untoldBefore() == 0 ? "" : "; " + attempt.untoldBefore() + " before it were not logged";
    }

    private static String seconds(int failures) {
        return TimeUnit.NANOSECONDS.toSeconds(failures * Failures.FORGOTTEN_AFTER) + " s";
    }
}
