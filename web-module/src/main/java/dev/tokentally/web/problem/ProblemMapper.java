package dev.tokentally.web.problem;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** Makes a problem of every exception below JAX-RS, also of those of the runtime itself (404, 405, 406 …). */
@Provider
public class ProblemMapper implements ExceptionMapper<Throwable> {

    @Override
    public Response toResponse(Throwable thrown) {
        if (thrown instanceof ProblemException ours) {
            return response(ours.problem()).build();
        }
        if (thrown instanceof WebApplicationException refused
                && refused.getResponse().getStatus() < 500) {
            return ofRuntime(refused.getResponse());
        }
        return response(UnexpectedFailure.logged(thrown)).build();
    }

    /**
     * A problem as a JAX-RS response.
     *
     * @param problem the problem
     * @return the response, to which headers may be added
     */
    public static Response.ResponseBuilder response(Problem problem) {
        return Response.status(problem.status()).type(Problem.MEDIA_TYPE).entity(problem.json());
    }

    private static Response ofRuntime(Response runtime) {
        if (runtime.getStatus() < 400) {
            return runtime;
        }
        ProblemKind kind = ProblemKind.ofStatus(runtime.getStatus());
        return response(new Problem(kind, kind.detail()))
                .header(HttpHeaders.ALLOW, runtime.getHeaderString(HttpHeaders.ALLOW))
                .build();
    }
}
