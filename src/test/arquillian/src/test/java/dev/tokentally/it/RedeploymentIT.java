package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
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

    @Deployment(name = "first", managed = false, testable = false)
    static Archive<?> first() {
        return CustomerArchive.named("first", Map.of("tokentally.datasource", DataSources.POSTGRES.jndiName()));
    }

    @Deployment(name = "second", managed = false, testable = false)
    static Archive<?> second() {
        return CustomerArchive.named("second", Map.of("tokentally.datasource", DataSources.H2FILE.jndiName()));
    }

    @Test
    @DisabledIfSystemProperty(
            named = "server",
            matches = "payara-micro",
            disabledReason = "the adapter starts one process for each deployment: MicroIT has two WARs in one")
    @DisplayName("do not disturb each other: each records in its own store, also when the other goes")
    void sideBySide() {
        UUID inFirst = UUID.randomUUID();
        deployer.deploy("first");
        deployer.deploy("second");
        try {
            assertThat(Http.post("/first/api/calls", "tenant", "acme", "call", inFirst))
                    .isEqualTo("answer");
            assertThat(Http.post("/second/api/calls", "tenant", "both", "call", UUID.randomUUID()))
                    .isEqualTo("answer");
            deployer.undeploy("first");
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
        // The server may hold on to the last deployment; it must not hold on to each.
        assertThat(server.loadedCopiesOf("dev.tokentally.recording.UsageRecorder"))
                .isLessThanOrEqualTo(Math.max(1, classes));
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
