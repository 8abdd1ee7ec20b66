package dev.tokentally.web.usage;

import dev.tokentally.web.http.ContentTag;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.Provider;

/**
 * Gives an answer a tag made from its bytes, and does not send the bytes if the client has them already. The report is still read;
 * this saves only the transfer. No shared cache may keep an answer, and a client may not use it for another key.
 */
@Provider
@Revalidated
public class Revalidation implements ContainerResponseFilter {

    /** The server injects a proxy, so one object serves all requests. */
    @Context
    HttpServletResponse servletResponse;

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        if (response.getStatus() != Response.Status.OK.getStatusCode()
                || !(response.getEntity() instanceof byte[] body)) {
            return;
        }
        ContentTag tag = ContentTag.of(body);
        response.getHeaders().putSingle(HttpHeaders.ETAG, tag.text());
        response.getHeaders().putSingle(HttpHeaders.VARY, HttpHeaders.AUTHORIZATION);
        // The filter before JAX-RS has set no-store on the servlet's response, so the header is replaced there.
        servletResponse.setHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
        // A report has no other condition. If-Match protects what is changed, and nothing is changed here.
        if (tag.isKnownTo(request.getHeaderString(HttpHeaders.IF_NONE_MATCH))) {
            response.setStatus(Response.Status.NOT_MODIFIED.getStatusCode());
            response.setEntity(null);
        }
    }
}
