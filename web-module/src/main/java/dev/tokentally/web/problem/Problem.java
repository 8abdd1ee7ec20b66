package dev.tokentally.web.problem;

import dev.tokentally.web.json.JsonBody;

/**
 * An error as a client gets it.
 *
 * @param kind what went wrong
 * @param detail the text about this case, for the client's developer; it must not reveal our internals
 */
public record Problem(ProblemKind kind, String detail) {

    /** Its media type (RFC 9457). */
    public static final String MEDIA_TYPE = "application/problem+json";

    /**
     * Its HTTP status.
     *
     * @return the status code
     */
    public int status() {
        return kind.status();
    }

    /**
     * Its body.
     *
     * @return JSON in UTF-8
     */
    public byte[] json() {
        return JsonBody.object(json -> json.write("type", "about:blank")
                .write("title", kind.title())
                .write("status", kind.status())
                .write("detail", detail)
                .write("code", kind.code()));
    }
}
