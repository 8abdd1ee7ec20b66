package dev.tokentally.it.customer.pace.web;

import dev.tokentally.it.customer.pace.Recorded;
import dev.tokentally.it.customer.pace.plain.Unrecorded;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.recording.RecordingStatus;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallScope;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes many calls on managed threads and returns what they took. */
@Path("/pace")
@RequestScoped
public class PaceResource {

    @Inject
    @Recorded
    LlmPort recorded;

    @Inject
    @Unrecorded
    LlmPort unrecorded;

    @Inject
    CallScope scopes;

    @Inject
    UsageRecorder recorder;

    @Inject
    @ConfigProperty(name = "tokentally.datasource")
    String dataSource;

    @Resource
    ManagedThreadFactory threads;

    /**
     * Makes calls.
     *
     * @param variant {@code recorded}, {@code unrecorded}, or {@code raw}, which is unrecorded and followed by a row of
     *     plain JDBC
     * @param count the number of threads
     * @param calls the number of calls on each thread, at most
     * @param wait the nanoseconds that the model waits in each call
     * @param millis after which no thread begins another call
     * @param settle whether to watch the process until nothing waits in the spool
     */
    @POST
    public String run(
            @QueryParam("variant") String variant,
            @QueryParam("threads") int count,
            @QueryParam("calls") int calls,
            @QueryParam("wait") long wait,
            @QueryParam("millis") @DefaultValue("30000") long millis,
            @QueryParam("settle") @DefaultValue("true") boolean settle,
            @QueryParam("tenant") String tenant)
            throws InterruptedException, ExecutionException, NamingException, JMException {
        LlmPort model = variant.equals("recorded") ? recorded : unrecorded;
        RawInsert raw = variant.equals("raw") ? new RawInsert(InitialContext.doLookup(dataSource), tenant) : null;
        long until = System.nanoTime() + millis * 1_000_000;
        List<FutureTask<Stint>> stints = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stints.add(new FutureTask<>(() -> {
                try (CallScope.Handle scope = scopes.enter(tenant, "pace")) {
                    return Stint.of(model, raw, calls, wait, until);
                }
            }));
        }
        long cpuBefore = processCpu();
        long start = System.nanoTime();
        stints.forEach(stint -> threads.newThread(stint).start());
        List<Stint> made = new ArrayList<>();
        for (FutureTask<Stint> stint : stints) {
            made.add(stint.get());
        }
        long took = System.nanoTime() - start;
        while (settle && recorder.status().waiting() > 0) {
            Thread.sleep(20);
        }
        long cpu = processCpu() - cpuBefore;

        long[] added = made.stream()
                .flatMapToLong(stint -> Arrays.stream(stint.added()))
                .sorted()
                .toArray();
        long threadCpu = made.stream().mapToLong(Stint::cpu).sum();
        return """
                {"calls": %d, "took": %d, "p50": %d, "p99": %d, "thread_cpu": %d, "process_cpu": %d}""".formatted(
                        added.length,
                        took,
                        added[added.length / 2],
                        added[added.length * 99 / 100],
                        threadCpu / added.length,
                        cpu / added.length);
    }

    /** Loads the class by its name, because WildFly hides com.sun.management from applications. */
    private static long processCpu() throws JMException {
        return (Long) ManagementFactory.getPlatformMBeanServer()
                .getAttribute(new ObjectName(ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME), "ProcessCpuTime");
    }

    /** Returns the state of recording. */
    @GET
    public String status() {
        RecordingStatus status = recorder.status();
        return """
                {"circuit": "%s", "waiting": %d}""".formatted(status.circuit(), status.waiting());
    }

    /** Returns the number of a tenant's rows. */
    @GET
    @Path("/rows")
    public String rows(@QueryParam("tenant") String tenant) throws NamingException, SQLException {
        DataSource store = InitialContext.doLookup(dataSource);
        try (Connection connection = store.getConnection();
                PreparedStatement count =
                        connection.prepareStatement("select count(*) from llm_calls where tenant_id = ?")) {
            count.setString(1, tenant);
            try (ResultSet row = count.executeQuery()) {
                row.next();
                return Long.toString(row.getLong(1));
            }
        }
    }

    /** Removes all rows. */
    @DELETE
    @Path("/rows")
    public void empty() throws NamingException, SQLException {
        DataSource store = InitialContext.doLookup(dataSource);
        try (Connection connection = store.getConnection();
                PreparedStatement truncate = connection.prepareStatement("truncate table llm_calls")) {
            truncate.execute();
        }
    }
}
