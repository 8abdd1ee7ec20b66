package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Collection;
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
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's applications on one server")
class RedeploymentIT {

    private final Postgres postgres = Postgres.started();

    @ArquillianResource
    private Deployer deployer;

    /** Payara keeps every deployment of an EAR that uses its Fault Tolerance, whoever's beans they are. */
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
    @DisabledIfSystemProperty(
            named = "server",
            matches = "payara-micro",
            disabledReason = "the adapter starts one process for each deployment: MicroIT has two WARs in one")
    @DisplayName(
            "do not disturb each other: each records in its own store, also when the other goes, and has its own health check")
    void sideBySide() {
        UUID inFirst = UUID.randomUUID();
        deployer.deploy("first");
        deployer.deploy("second");
        try {
            assertThat(Http.post("/first/api/calls", "tenant", "acme", "call", inFirst))
                    .isEqualTo("answer");
            assertThat(Http.post("/second/api/calls", "tenant", "both", "call", UUID.randomUUID()))
                    .isEqualTo("answer");
            assertThat(Health.checksOfRecording("/ready")).hasSize(2);
            deployer.undeploy("first");
            assertThat(Health.checksOfRecording("/ready")).hasSize(1);
            assertThat(Http.post("/second/api/calls", "tenant", "both", "call", UUID.randomUUID()))
                    .isEqualTo("answer");

            assertThat(postgres.query("select 1 from llm_calls where call_id = ?", inFirst))
                    .hasSize(1);
            assertThat(postgres.query("select 1 from llm_calls where tenant_id = 'both'"))
                    .isEmpty();
            assertThat(Http.get("/second/api/calls/started", "tenant", "both").split(" "))
                    .hasSize(2);
        } finally {
            deployer.undeploy("second");
        }
    }

    @Test
    @DisabledIfSystemProperty(
            named = "server",
            matches = "payara-micro",
            disabledReason = "the adapter ends the process with each deployment: MicroIT redeploys within one")
    @DisplayName("leave no thread, no connection in use and no copy of our classes behind in five redeployments")
    void redeployed() throws Exception {
        ServerProcess server = new ServerProcess(TestServer.current().process().orElseThrow());
        // What made the tables may stay, and so may what was there last.
        deployAndUse();
        deployAndUse();
        List<String> threads = server.threadsOfOurs();
        long classes = server.loadedCopiesOf("dev.tokentally.recording.UsageRecorder");
        int connections = connections();

        for (int i = 0; i < 5; i++) {
            deployAndUse();
        }

        assertThat(threads).isEmpty();
        assertThat(server.threadsOfOurs()).isEmpty();
        assertThat(connections()).isLessThanOrEqualTo(connections);
        // Of five, two: a thread that the server began meanwhile keeps what was deployed then. A leak keeps all.
        assertThat(server.loadedCopiesOf("dev.tokentally.recording.UsageRecorder"))
                .isLessThanOrEqualTo(classes + 2);
    }

    @Test
    @DisabledIfSystemProperty(
            named = "server",
            matches = "payara-micro",
            disabledReason = "the adapter ends the process with each deployment: MicroIT redeploys within one")
    @DisplayName("lose no record in five redeployments under load, and leave no thread, lock or open file behind")
    void underLoad() throws Exception {
        ServerProcess server = new ServerProcess(TestServer.current().process().orElseThrow());
        String tenant = "redeployed " + UUID.randomUUID();
        Load load = Load.start(4, Integer.MAX_VALUE, 2, id -> HttpRequest.newBuilder(
                        TestServer.current().uri("/behind/api/calls" + Http.query("tenant", tenant, "call", id)))
                .POST(BodyPublishers.noBody()));
        for (int i = 1; i <= 5; i++) {
            deployer.deploy("behind");
            load.awaitAnswers(200 * i);
            deployer.undeploy("behind");
        }
        Collection<Load.Answer> answers = load.stop();
        assertThat(server.drainers()).isZero();
        assertThat(server.openSpoolFiles()).isEmpty();
        // What came too late for one deployment is the next one's.
        deployer.deploy("behind");
        try {
            assertThat(postgres.await(answers.size(), "select call_id from llm_calls where tenant_id = ?", tenant))
                    .extracting(row -> row.get("call_id"))
                    .doesNotHaveDuplicates()
                    .containsAll(answers.stream().<Object>map(Load.Answer::id).toList());
        } finally {
            deployer.undeploy("behind");
        }
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
        assertThat(postgres.query("select 1 from llm_calls where call_id = ?", call))
                .hasSize(1);
    }

    /** Of the server's pool, which keeps them; an application that leaked one would make the pool open another. */
    private int connections() {
        return postgres.query("select 1 from pg_stat_activity where backend_type = 'client backend'")
                .size();
    }
}
