package dev.tokentally.it.customer.web;

import dev.tokentally.it.customer.llm.Cities;
import dev.tokentally.scope.CallScope;
import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.time.Duration;
import java.util.UUID;

/** The requests of the tests to the customer who uses LangChain4j. */
@Path("/cities")
@RequestScoped
public class CitiesResource {

    @EJB
    Cities cities;

    @Inject
    CallScope scopes;

    /** Asks the model without a listener, through a port. */
    @POST
    @Path("/plain")
    public String plain(@QueryParam("tenant") String tenantId, @QueryParam("call") UUID callId) {
        try (CallScope.Handle scope = scopes.enter(tenantId, "plain", callId)) {
            return cities.askPlain();
        }
    }

    /** Asks for a city in a scope of its own, and returns what the caller saw. */
    @POST
    public String ask(
            @QueryParam("tenant") String tenantId,
            @QueryParam("call") UUID callId,
            @QueryParam("question") String question,
            @QueryParam("timeout") @DefaultValue("20000") long timeoutMillis) {
        try (CallScope.Handle scope = scopes.enter(tenantId, "cities", callId)) {
            return cities.ask(question, Duration.ofMillis(timeoutMillis)).toString();
        } catch (Exception e) {
            Throwable root = e;
            while (root instanceof EJBException && root.getCause() != null) {
                root = root.getCause();
            }
            return "threw " + root.getClass().getSimpleName();
        }
    }
}
