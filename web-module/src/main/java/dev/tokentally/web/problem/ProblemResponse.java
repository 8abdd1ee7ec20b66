package dev.tokentally.web.problem;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;

/**
 * A response whose errors are problems, also those that do not pass JAX-RS. Jersey passes a malformed Content-Type or URI to {@code
 * sendError}, and the server's own error page would be HTML.
 */
public final class ProblemResponse extends HttpServletResponseWrapper {

    /**
     * Around the server's response.
     *
     * @param response the server's
     */
    public ProblemResponse(HttpServletResponse response) {
        super(response);
    }

    @Override
    public void sendError(int status) throws IOException {
        ProblemKind kind = ProblemKind.ofStatus(status);
        resetBuffer();
        send(new Problem(kind, kind.detail()));
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        sendError(status);
    }

    /**
     * Sends a problem as the whole answer.
     *
     * @param problem what to send
     * @throws IOException when the client is gone
     */
    public void send(Problem problem) throws IOException {
        byte[] body = problem.json();
        setStatus(problem.status());
        setContentType(Problem.MEDIA_TYPE);
        setContentLength(body.length);
        getOutputStream().write(body);
    }
}
