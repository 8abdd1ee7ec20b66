package dev.tokentally.web.http;

import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.Provider;
import java.util.List;
import java.util.function.Supplier;

/**
 * Refuses an {@code Accept} or a {@code Content-Type} that cannot be read. The servers read them while they look for a resource.
 * If a weight is no number, RESTEasy (WildFly) and Jersey (Payara) take that for a fault of their own, and would answer 500.
 */
@Provider
@PreMatching
public class MediaTypeFilter implements ContainerRequestFilter {

    @Override
    public void filter(ContainerRequestContext request) {
        check(HttpHeaders.ACCEPT, request::getAcceptableMediaTypes);
        check(
                HttpHeaders.CONTENT_TYPE,
                () -> request.getMediaType() == null ? List.of() : List.of(request.getMediaType()));
    }

    /** Each server throws exceptions of its own. */
    private static void check(String header, Supplier<List<MediaType>> types) {
        try {
            for (MediaType type : types.get()) {
                String weight = type.getParameters().get("q");
                if (weight != null) {
                    Float.parseFloat(weight);
                }
            }
        } catch (RuntimeException malformed) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "The header " + header + " cannot be read.");
        }
    }
}
