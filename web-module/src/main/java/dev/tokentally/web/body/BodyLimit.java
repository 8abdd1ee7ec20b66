package dev.tokentally.web.body;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.microprofile.config.Config;

/** Reads a request's body, up to a limit. Safe for use by many threads. */
@ApplicationScoped
public class BodyLimit {

    /** How much of a refused body is read and thrown away, in bytes: some clients read no answer before they have sent all. */
    private static final int DRAINED = 8 * 1024 * 1024;

    private final int bytes;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected BodyLimit() {
        this(0);
    }

    /**
     * Reads the limit.
     *
     * @param config the configuration
     * @throws InvalidSettingException when it is not allowed
     */
    @Inject
    public BodyLimit(Config config) {
        this(Setting.API_MAX_BODY_BYTES.in(config).intValue());
    }

    BodyLimit(int bytes) {
        this.bytes = bytes;
    }

    /**
     * The limit.
     *
     * @return the size of the largest body that is read, in bytes
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Reads the body of a JSON request.
     *
     * @param http the request, whose body nobody has read yet
     * @return the body
     * @throws ProblemException when it does not name its type (415), is too large (413) or breaks off (400)
     */
    public byte[] read(HttpServletRequest http) {
        // If there is a type, JAX-RS has checked it.
        if (http.getContentType() == null) {
            throw new ProblemException(
                    ProblemKind.UNSUPPORTED_MEDIA_TYPE, "The request's Content-Type must be application/json.");
        }
        try (InputStream body = http.getInputStream()) {
            return read(body, http.getContentLengthLong());
        } catch (IOException brokenOff) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "The request's body broke off.");
        }
    }

    /** A declared length is believed only if it is too large, since reading the body would then change nothing. */
    byte[] read(InputStream body, long declaredLength) {
        try {
            if (declaredLength > bytes) {
                throw tooLarge(body);
            }
            byte[] read = body.readNBytes(bytes);
            if (read.length == bytes && body.read() >= 0) {
                throw tooLarge(body);
            }
            return read;
        } catch (IOException brokenOff) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "The request's body broke off.");
        }
    }

    private ProblemException tooLarge(InputStream body) {
        byte[] buffer = new byte[8192];
        int drained = 0;
        int read;
        try {
            while (drained < DRAINED && (read = body.read(buffer)) >= 0) {
                drained += read;
            }
        } catch (IOException brokenOff) {
            // The body was too large already before it broke off.
        }
        return new ProblemException(
                ProblemKind.REQUEST_TOO_LARGE, "The request's body is larger than " + bytes + " bytes.");
    }
}
