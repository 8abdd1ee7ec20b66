package com.example;

import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.util.stream.Collectors;

@RequestScoped
@Path("/summaries")
public class SummariesResource {

    @Inject
    Summaries summaries;

    @Inject
    UsageReports reports;

    @POST
    @Consumes("text/plain")
    @Produces("text/plain")
    public String summarise(String text) {
        return summaries.summarise(text) + "\n";
    }

    /** The rows of this tenant, newest first. It asks for no key, so it is for a first look only. */
    @GET
    @Path("/calls")
    @Produces("text/plain")
    public String calls() throws UsageStoreException {
        return reports.calls("acme", CallFilter.ALL, null, 20).stream()
                .map(call -> call.startedAt() + " " + call.tenantId() + " " + call.operation() + " " + call.model()
                        + " " + call.tokens().input() + "+" + call.tokens().output() + " tokens, "
                        + call.costUsd() + " USD by " + call.costSource() + ", " + call.status() + "\n")
                .collect(Collectors.joining());
    }
}
