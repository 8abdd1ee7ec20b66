package dev.tokentally.web.problem;

import java.util.Locale;

/** The kinds of errors that the API answers with. */
public enum ProblemKind {
    /** The body is not JSON. */
    MALFORMED_JSON(400, "Bad Request"),
    /** The request is wrong in a way that no other kind names. */
    BAD_REQUEST(400, "Bad Request"),
    /** The request has no right key. */
    UNAUTHORIZED(401, "Unauthorized"),
    /** The key is right, but may not do this. */
    FORBIDDEN(403, "Forbidden"),
    /** There is nothing at this path. */
    NOT_FOUND(404, "Not Found"),
    /** The path does not accept this method. */
    METHOD_NOT_ALLOWED(405, "Method Not Allowed"),
    /** The answer has no format that the caller accepts. */
    NOT_ACCEPTABLE(406, "Not Acceptable"),
    /** Another repricing is running already. */
    REPRICING_RUNNING(409, "Conflict"),
    /** A user is to be erased, and there is no key to make hashes of names with. */
    HASH_KEY_MISSING(409, "Conflict"),
    /** The body is larger than is read. */
    REQUEST_TOO_LARGE(413, "Content Too Large"),
    /** The body is not of the type that is read. */
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported Media Type"),
    /** The request is well-formed, but has a value that is not allowed. */
    VALIDATION_ERROR(422, "Unprocessable Content"),
    /** Too many requests without a right key. */
    TOO_MANY_REQUESTS(429, "Too Many Requests"),
    /** A fault of ours. */
    INTERNAL_ERROR(500, "Internal Server Error"),
    /** The model did not answer. */
    MODEL_FAILED(502, "Bad Gateway"),
    /** The store is out of reach. */
    USAGE_BACKEND_UNAVAILABLE(503, "Service Unavailable"),
    /** All readers that the caller may use are busy with other reports. */
    TOO_MANY_REPORTS(503, "Service Unavailable"),
    /** The store takes too long. */
    REPORT_TIMEOUT(503, "Service Unavailable"),
    /** The report takes too much memory. */
    REPORT_TOO_LARGE(503, "Service Unavailable");

    private final int status;
    private final String title;

    ProblemKind(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /** The kind for a request that the JAX-RS runtime refused by itself. */
    static ProblemKind ofStatus(int status) {
        return switch (status) {
            case 401 -> UNAUTHORIZED;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 406 -> NOT_ACCEPTABLE;
            case 413 -> REQUEST_TOO_LARGE;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            default -> status < 500 ? BAD_REQUEST : INTERNAL_ERROR;
        };
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The text if nothing more is known. */
    String detail() {
        return switch (this) {
            case FORBIDDEN -> "This API key may not do that.";
            case NOT_FOUND -> "There is nothing at this path.";
            case METHOD_NOT_ALLOWED ->
                "This path does not know the method; the header Allow lists those that it knows.";
            case NOT_ACCEPTABLE -> "The answer is not available in any format that the header Accept allows.";
            case UNSUPPORTED_MEDIA_TYPE -> "The request's Content-Type is not one that is read here.";
            case INTERNAL_ERROR -> "Something went wrong on the server.";
            default -> "The server cannot understand the request.";
        };
    }
}
