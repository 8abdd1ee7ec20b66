package dev.tokentally.it.smoke;

import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.time.ZoneId;

/** The requests of the smoke tests over HTTP. */
@Path("/smoke")
@RequestScoped
public class SmokeResource {
    private static final System.Logger LOG = System.getLogger(SmokeResource.class.getName());

    @EJB
    private RowStore rows;

    @GET
    @Path("/zone")
    public String zone() {
        return ZoneId.systemDefault().getId();
    }

    @POST
    @Path("/log")
    public void log(@QueryParam("text") String text) {
        LOG.log(System.Logger.Level.INFO, text);
    }

    /** Returns the number of such rows then, or the exception that stopped it, and the milliseconds until then. */
    @POST
    @Path("/row")
    public String write(@QueryParam("source") String jndiName, @QueryParam("text") String text) {
        long start = System.nanoTime();
        try {
            rows.createTable(jndiName);
            rows.write(jndiName, text);
            return Long.toString(rows.count(jndiName, text));
        } catch (Exception e) {
            return "failed after " + (System.nanoTime() - start) / 1_000_000 + " ms: " + e;
        }
    }
}
