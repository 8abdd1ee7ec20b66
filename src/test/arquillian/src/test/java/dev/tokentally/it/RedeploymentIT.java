package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's applications on one server")
class RedeploymentIT {

    private final Postgres postgres = Postgres.started();

    @ArquillianResource
    private Deployer deployer;

    /** Payara keeps every deployment of an EAR that uses its Fault Tolerance, even if the beans are not ours. */
    @Deployment(name = "first", managed = false, testable = false)
    static Archive<?> first() {
        return CustomerArchive.withoutFaultToleranceInWar(
                "first", Map.of("tokentally.datasource", DataSources.POSTGRES.jndiName()));
    }

    @Deployment(name = "second", managed = false, testable = false)
    static Archive<?> second() {
        return CustomerArchive.named("second", Map.of("tokentally.datasource", DataSources.H2FILE.jndiName()));
    }

    @Deployment(name = "behind", managed = false, testable = false)
    static Archive<?> behind() {
        return CustomerArchive.named(
                "behind",
                Map.of(
                        "tokentally.datasource",
                        DataSources.POSTGRES.jndiName(),
                        "tokentally.recording.mode",
                        "write-behind"));
    }

    @Test
    @DisplayName(
            "do not disturb each other: each records in its own store, even when the other stops, and has its own health check")
    void sideBySide() {
        UUID inFirst = UUID.randomUUID();
        deployer.deploy("first");
        deployer.deploy("second");
        try {
            assertThat(Http.post("/first/api/calls", "tenant", "acme", "call", inFirst))
                    .isEqualTo("answer");
            assertThat(Http.post("/second/api/calls", "tenant", "both", "call", UUID.randomUUID()))
                    .isEqualTo("answer");
            assertThat(Health.checksOfRecording("/ready"))
                    .extracting(check -> check.getJsonObject("data").getString("application"))
                    .containsExactlyInAnyOrder("first", "second");
            deployer.undeploy("first");
            assertThat(Health.checksOfRecording("/ready")).hasSize(1);
            assertThat(Http.post("/second/api/calls", "tenant", "both", "call", UUID.randomUUID()))
                    .isEqualTo("answer");

            assertThat(postgres.await(1, "select 1 from llm_calls where call_id = ?", inFirst))
                    .hasSize(1);
            assertThat(postgres.query("select 1 from llm_calls where tenant_id = 'both'"))
                    .isEmpty();
            assertThat(Http.get("/second/api/calls/started", "tenant", "both").split(" "))
                    .hasSize(2);
        } finally {
            deployer.undeploy("second");
        }
    }

    @RunsOn({TestServer.WILDFLY, TestServer.PAYARA_SERVER})
    @Test
    @DisplayName(
            "leave no thread, no connection in use and no copy of our classes behind in five redeployments (-Dredeployments=20 for more)")
    void redeployed() throws Exception {
        ServerProcess server = new ServerProcess(TestServer.current().process().orElseThrow());
        // The deployment that made the tables may stay, and so may the last one.
        deployAndUse();
        deployAndUse();
        List<String> threads = server.threadsOfOurs();
        long classes = server.loadedCopiesOf("dev.tokentally.recording.SpooledRecorder");
        int connections = connections();

        int redeployments = Integer.getInteger("redeployments", 5);
        for (int i = 0; i < redeployments; i++) {
            deployAndUse();
        }
        long left = server.loadedCopiesOf("dev.tokentally.recording.SpooledRecorder");
        System.out.printf("%d copies of our classes before, %d after %d redeployments%n", classes, left, redeployments);

        assertThat(threads).isEmpty();
        assertThat(server.threadsOfOurs()).isEmpty();
        // The pool opens another one or two if more of our threads need one at once than before. A leak takes one each
        // time.
        assertThat(connections()).isLessThanOrEqualTo(connections + 2);
        // Two of the five may stay, because a thread that the server began meanwhile keeps what was deployed then. A
        // leak keeps all.
        assertThat(left).isLessThanOrEqualTo(classes + 2);
    }

    @RunsOn(TestServer.WILDFLY)
    @Test
    @DisplayName(
            "lose no record in four redeployments under load, sync and write-behind, and leave no thread, lock, open file or"
                    + " transaction behind")
    void underLoad() throws Exception {
        ServerProcess server = new ServerProcess(TestServer.current().process().orElseThrow());
        String tenant = "redeployed " + UUID.randomUUID();
        Map<String, Load> loads = new LinkedHashMap<>();
        for (String name : List.of("behind", "first")) {
            loads.put(name, Load.start(2, Integer.MAX_VALUE, 2, id -> HttpRequest.newBuilder(TestServer.current()
                            .uri("/" + name + "/api/calls" + Http.query("tenant", tenant, "call", id)))
                    .POST(BodyPublishers.noBody())));
        }
        for (int i = 1; i <= 2; i++) {
            for (String name : loads.keySet()) {
                deployer.deploy(name);
                loads.get(name).awaitAnswers(200 * i);
                deployer.undeploy(name);
                noTransactionIsLeft();
            }
        }
        List<Object> answered = new ArrayList<>();
        for (Load load : loads.values()) {
            load.stop().forEach(answer -> answered.add(answer.id()));
        }
        assertThat(server.drainers()).isZero();
        assertThat(server.openSpoolFiles()).isEmpty();
        // The next deployment stores what came too late for this one.
        for (String name : loads.keySet()) {
            deployer.deploy(name);
        }
        try {
            // There may be more rows, of calls whose answers an undeployment cut off.
            String stored = "select id, call_id from llm_calls where tenant_id = ?";
            assertThat(postgres.awaitCalls(answered, stored, tenant))
                    .as("of " + answered.size() + " calls")
                    .isEmpty();
            assertThat(postgres.query(stored, tenant))
                    .doesNotHaveDuplicates()
                    .extracting(row -> row.get("call_id"))
                    .doesNotHaveDuplicates();
        } finally {
            for (String name : loads.keySet()) {
                deployer.undeploy(name);
            }
        }
        noTransactionIsLeft();
        assertThat(server.threadsOfOurs()).isEmpty();
    }

    private void noTransactionIsLeft() {
        assertThat(postgres.query("select state, query from pg_stat_activity where state like 'idle in transaction%'"
                        + " or state = 'active' and query like '%llm_calls%' and pid <> pg_backend_pid()"))
                .isEmpty();
        assertThat(postgres.query("select gid from pg_prepared_xacts")).isEmpty();
    }

    private void deployAndUse() {
        UUID call = UUID.randomUUID();
        deployer.deploy("first");
        try {
            assertThat(Http.post("/first/api/calls", "tenant", "acme", "call", call))
                    .isEqualTo("answer");
        } finally {
            deployer.undeploy("first");
        }
        assertThat(postgres.await(1, "select 1 from llm_calls where call_id = ?", call))
                .hasSize(1);
    }

    /**
     * The connections of the server's pool, which keeps them open. If an application leaked a connection at each
     * redeployment, the pool would open another one each time.
     */
    private int connections() {
        return postgres.query("select 1 from pg_stat_activity where backend_type = 'client backend'")
                .size();
    }
}
