package dev.tokentally.it.customer.unit;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.CallScope;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.transaction.Transactional;
import jakarta.transaction.TransactionalException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;

/** Stores notes in the only unit of the archive, without naming it, and asks a model in the same transaction. */
@Path("notes")
public class NotesResource {

    @PersistenceContext
    EntityManager notes;

    @Inject
    @Noting
    LlmPort llm;

    @Inject
    CallScope scopes;

    @POST
    @Transactional
    public String write(@QueryParam("text") String text, @QueryParam("tenant") String tenant) {
        notes.persist(new Note(text));
        try (CallScope.Handle scope = scopes.enter(tenant, "note")) {
            return llm.complete(LlmRequest.of("", text, tenant, String.class)).content();
        }
    }

    /** Writes a note, makes a call, and then fails. */
    @POST
    @Path("failed")
    @Transactional
    public String fail(@QueryParam("text") String text, @QueryParam("tenant") String tenant) {
        write(text, tenant);
        throw new TransactionalException("on purpose", null);
    }

    @GET
    public String count() {
        return notes.createQuery("select count(n) from Note n", Long.class)
                .getSingleResult()
                .toString();
    }
}
