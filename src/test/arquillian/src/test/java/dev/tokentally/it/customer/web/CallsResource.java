package dev.tokentally.it.customer.web;

import dev.tokentally.it.customer.ejb.AnnotatedWork;
import dev.tokentally.it.customer.ejb.Flaky;
import dev.tokentally.it.customer.ejb.FromField;
import dev.tokentally.it.customer.ejb.HttpSessionModel;
import dev.tokentally.it.customer.ejb.HttpSessionWork;
import dev.tokentally.it.customer.ejb.InEjbModule;
import dev.tokentally.it.customer.ejb.InHttpSession;
import dev.tokentally.it.customer.ejb.Work;
import dev.tokentally.it.customer.plain.PlainService;
import dev.tokentally.it.customer.plain.Unlisted;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallContext;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.MissingCallScopeException;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.naming.NamingException;

/** The requests of the tests to the customer's application over HTTP. */
@Path("/calls")
@RequestScoped
public class CallsResource {

    @Inject
    @InEjbModule
    LlmPort inEjbModule;

    @Inject
    @InWar
    LlmPort inWar;

    @Inject
    @FromField
    LlmPort fromField;

    @Inject
    @InHttpSession
    HttpSessionModel inHttpSession;

    @Inject
    @Unlisted
    LlmPort unlisted;

    @Inject
    @Flaky
    LlmPort flaky;

    @Inject
    CallScope scopes;

    @Inject
    CallContext context;

    @Inject
    UsageRecorder recorder;

    @Inject
    UsageReports reports;

    @Inject
    WarTenant tenant;

    @Inject
    AnnotatedWork annotatedWork;

    @Inject
    HttpSessionWork httpSessionWork;

    @Inject
    @FromField
    Work workFromField;

    @EJB
    Work work;

    @EJB
    PlainService plain;

    /** Makes one call in a scope of its own, and returns what the caller saw. */
    @POST
    public String call(
            @QueryParam("bean") @DefaultValue("ejb") String bean,
            @QueryParam("tenant") String tenantId,
            @QueryParam("operation") @DefaultValue("chat") String operation,
            @QueryParam("call") UUID callId,
            @QueryParam("script") @DefaultValue("ok") String script) {
        try (CallScope.Handle scope = scopes.enter(tenantId, operation, callId)) {
            return outcome(model(bean), script);
        } catch (IllegalArgumentException e) {
            return "refused " + e.getMessage();
        }
    }

    /** Makes one call outside of any scope. */
    @POST
    @Path("/unscoped")
    public String unscoped() {
        try {
            return inEjbModule
                    .complete(LlmRequest.of("", "ok", "", String.class))
                    .content();
        } catch (MissingCallScopeException e) {
            return "threw " + e.getClass().getName() + " " + e.getMessage();
        }
    }

    /** Makes one call that the module does not see, in a scope that an annotation enters. */
    @POST
    @Path("/unseen")
    public String unseen(@QueryParam("tenant") String tenantId) {
        tenant.set(tenantId);
        try {
            return plain.unseen();
        } finally {
            tenant.clear();
        }
    }

    /** Makes a call, then a call in a nested scope, then another call. */
    @POST
    @Path("/nested")
    public String nested(
            @QueryParam("tenant") String tenantId, @QueryParam("outer") UUID outer, @QueryParam("inner") UUID inner) {
        try (CallScope.Handle outerScope = scopes.enter(tenantId, "outer", outer)) {
            outcome(inEjbModule, "ok");
            try (CallScope.Handle innerScope = scopes.enter(tenantId, "inner", inner)) {
                outcome(inWar, "ok");
            }
            outcome(inEjbModule, "ok");
            return context.operation();
        }
    }

    /** Returns what CallContext and a capture give outside of a scope. */
    @POST
    @Path("/outside")
    public String outside() {
        String answers = "";
        try {
            answers += context.tenantId();
        } catch (MissingCallScopeException e) {
            answers += "missing ";
        }
        try {
            answers += scopes.capture();
        } catch (MissingCallScopeException e) {
            answers += "missing";
        }
        return answers;
    }

    /** Makes a call in a transaction of the customer, and returns the transaction's state after the call. */
    @POST
    @Path("/transaction")
    public String transaction(
            @QueryParam("tenant") String tenantId,
            @QueryParam("call") UUID callId,
            @QueryParam("end") String end,
            @QueryParam("script") @DefaultValue("ok") String script,
            @QueryParam("source") String dataSource)
            throws NamingException, SQLException {
        try (CallScope.Handle scope = scopes.enter(tenantId, "transaction", callId)) {
            return end.equals("rollback") ? work.rolledBack(script, dataSource, callId) : work.committed(script);
        }
    }

    /** Makes a call in a scope that an annotation enters, for a tenant that the WAR's resolver names. */
    @POST
    @Path("/annotated")
    public String annotated(
            @QueryParam("bean") @DefaultValue("cdi") String bean, @QueryParam("tenant") String tenantId) {
        tenant.set(tenantId);
        try {
            return switch (bean) {
                case "session" -> work.annotated().toString();
                case "field" -> workFromField.annotated().toString();
                case "http-session" -> httpSessionWork.annotated().toString();
                case "http-session-written" ->
                    httpSessionWork.written().annotated().toString();
                default -> annotatedWork.annotated().toString();
            };
        } catch (Exception e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return root.getClass().getSimpleName() + " " + root.getMessage();
        } finally {
            tenant.clear();
        }
    }

    /** Records a call that started at a given instant. */
    @POST
    @Path("/record")
    public void record(
            @QueryParam("tenant") String tenantId,
            @QueryParam("id") UUID id,
            @QueryParam("startedAt") String startedAt) {
        recorder.record(new CallRecord(
                id,
                new CallOrigin(UUID.randomUUID(), tenantId, "time"),
                new CallTiming(Instant.parse(startedAt), Duration.ofMillis(1), null),
                new CallUsage("", "m", TokenCounts.ZERO),
                new Cost(new BigDecimal("0E-10"), CostSource.NONE),
                new CallOutcome(CallStatus.OK, null)));
    }

    /** Returns when a tenant's calls started, newest first, as the module reads them. */
    @GET
    @Path("/started")
    public String started(@QueryParam("tenant") String tenantId) throws UsageStoreException {
        return reports.calls(tenantId, CallFilter.ALL, null, 1000).stream()
                .map(call -> call.startedAt().toString())
                .collect(Collectors.joining(" "));
    }

    private LlmPort model(String bean) {
        return switch (bean) {
            case "ejb" -> inEjbModule;
            case "war" -> inWar;
            case "session" -> fromField;
            case "http-session" -> inHttpSession;
            case "http-session-written" -> inHttpSession.written();
            case "unlisted" -> unlisted;
            case "flaky" -> flaky;
            default -> throw new IllegalArgumentException(bean);
        };
    }

    private static String outcome(LlmPort model, String script) {
        try {
            LlmResponse<String> response =
                    model.complete(LlmRequest.of("secret system", script, "tenant of the request", String.class));
            // This also clears the interrupt flag, so that the server gets its thread back unchanged.
            String flag = Thread.interrupted() ? " interrupted" : "";
            return (response == null ? "null" : response.content()) + flag;
        } catch (Throwable thrown) {
            return "threw " + thrown.getClass().getName() + " cause=" + thrown.getCause() + " suppressed="
                    + thrown.getSuppressed().length;
        }
    }
}
