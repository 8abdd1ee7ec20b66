package com.example;

import dev.tokentally.llm.*;
import dev.tokentally.scope.*;
import dev.tokentally.usage.*;
import jakarta.enterprise.context.RequestScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.ws.rs.*;
import jakarta.ws.rs.core.Application;
import java.util.Optional;

@RequestScoped
@Path("/summaries")
public class Summaries {
    @Inject LlmPort llm;
    @Inject UsageReports reports;

    /** Who pays. Leave it out if your users log in: then it is the caller's principal. */
    @Produces static final TenantResolver TENANT = () -> Optional.of("acme");

    @POST
    @LlmOperation("summarise")
    public String summarise(String text) {
        return llm.complete(LlmRequest.of("You are brief.", text, null, String.class)).content() + "\n";
    }

    /** The recorded calls, newest first. It asks for no key, so it is for a first look only. */
    @GET
    public String calls() throws UsageStoreException {
        return reports.calls("acme", CallFilter.ALL, null, 20).stream()
                .map(call -> call.startedAt() + " " + call.tenantId() + " " + call.operation() + " " + call.model() + " "
                        + call.tokens().input() + "+" + call.tokens().output() + " tokens, " + call.costUsd() + " USD\n")
                .reduce("", String::concat);
    }

    @ApplicationPath("/") public static class Web extends Application {}
}
