package dev.tokentally.it.customer.anonymous;

import dev.tokentally.it.customer.web.Place;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.concurrent.TimeUnit;

/** Calls an annotated method in every place where code can run. */
@Path("/anonymous")
@RequestScoped
public class AnonymousResource {

    @Inject
    AnonymousWork work;

    @Inject
    Place place;

    /** Returns the exception that refused the method. */
    @POST
    @Path("/{place}")
    public String refused(@PathParam("place") String where) throws Exception {
        return place.run(where, () -> {
                    try {
                        return work.annotated();
                    } catch (RuntimeException e) {
                        return e.getClass().getName() + " " + e.getMessage();
                    }
                })
                .get(60, TimeUnit.SECONDS);
    }
}
