package dev.tokentally.web.completion;

import dev.tokentally.config.Settings;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.scope.CallAttributes;
import dev.tokentally.scope.CallContext;
import dev.tokentally.scope.CallScope;
import dev.tokentally.text.QuietLog;
import dev.tokentally.text.Summary;
import dev.tokentally.web.body.BodyLimit;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.UUID;

/** One recorded call to the configured model. Safe for use by many threads. */
@Path("completions")
@ApplicationScoped
public class CompletionsResource {

    private static final Logger LOG = QuietLog.of(CompletionsResource.class);

    private final LlmPort llm;
    private final CallScope scopes;
    private final CallContext context;
    private final BodyLimit limit;
    private final PriceList prices;
    private final Settings settings;

    /** A client may send wrong headers with each of its requests. */
    private final Summary leftOut = new Summary(LOG, "headers were left out", Level.WARNING);

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public CompletionsResource() {
        this(null, null, null, null, null, null);
    }

    @Inject
    CompletionsResource(
            LlmPort llm, CallScope scopes, CallContext context, BodyLimit limit, PriceList prices, Settings settings) {
        this.llm = llm;
        this.scopes = scopes;
        this.context = context;
        this.limit = limit;
        this.prices = prices;
        this.settings = settings;
    }

    @PreDestroy
    void tellTheRest() {
        leftOut.tellTheRest();
    }

    /**
     * Asks the model once, in the name of the key's tenant.
     *
     * @param http the request, whose body is read here
     * @param security its caller
     * @return the answer, as JSON
     */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] complete(@Context HttpServletRequest http, @Context SecurityContext security) {
        String tenant = security.getUserPrincipal().getName();
        CompletionRequest request = CompletionBody.parse(limit.read(http));
        CallAttributes attributes = scopes.acceptable(AttributeHeaders.of(http, settings.tagKeys(), leftOut));
        return complete(request, tenant, attributes);
    }

    private byte[] complete(CompletionRequest request, String tenant, CallAttributes attributes) {
        try (CallScope.Handle scope = enter(tenant, request.operation(), attributes)) {
            UUID callId = context.callId();
            Instant startedAt = Instant.now();
            LlmResponse<String> answer = ask(request, tenant, callId);
            return CompletionAnswer.of(answer, callId, startedAt, prices);
        }
    }

    private CallScope.Handle enter(String tenant, String operation, CallAttributes attributes) {
        try {
            return scopes.enter(tenant, operation, attributes);
        } catch (IllegalArgumentException notAllowed) {
            throw new ProblemException(ProblemKind.VALIDATION_ERROR, notAllowed.getMessage());
        }
    }

    /**
     * The message of an exception from a model's adapter may contain the prompt or the provider's secrets, so it is never logged.
     */
    private LlmResponse<String> ask(CompletionRequest request, String tenant, UUID callId) {
        Throwable failure;
        try {
            LlmResponse<String> answer =
                    llm.complete(LlmRequest.of(request.systemMessage(), request.userMessage(), tenant, String.class));
            if (answer != null) {
                return answer;
            }
            failure = new NullPointerException();
        } catch (Exception thrown) {
            failure = thrown;
        }
        LOG.log(
                Level.WARNING,
                "The model failed with " + failure.getClass().getName() + ", tenant=" + tenant + " operation="
                        + request.operation() + " call_id=" + callId);
        throw ModelProblem.of(failure);
    }
}
