package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.time.Duration;
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

@RunsOn(TestServer.PAYARA_MICRO)
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName(
        "A customer's application without a Fault Tolerance annotation in its WAR, whose store refuses connections")
class OutageIT {

    private static final String NAME = "outage";

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = NAME, managed = false, testable = false)
    static Archive<?> application() {
        return CustomerArchive.withoutFaultToleranceInWar(
                NAME, Map.of("tokentally.datasource", DataSources.REFUSING.jndiName()));
    }

    @Test
    @DisplayName(
            "starts, finds in the log whether @Retry is live, gets its answers and one line about the outage, and then one row for each call even if connections are cut")
    void refusing() throws Exception {
        LogMark log = TestServer.current().log().mark();
        deployer.deploy(NAME);
        try {
            String probe = log.await("@Retry is", Duration.ofSeconds(10));
            if (TestServer.current() == TestServer.PAYARA_SERVER) {
                assertThat(probe).contains("@Retry is not live", "on Payara give a bean of a WAR");
            } else {
                assertThat(probe).contains("@Retry is live: 3 attempts");
            }
            assertThat(log.linesWith("is out of reach at start"))
                    .singleElement()
                    .asString()
                    .contains("refused");

            assertThat(call("acme")).isEqualTo("answer");
            assertThat(log.await("The store takes no records", Duration.ofSeconds(10)))
                    .contains("the store is out of reach", "wait in");
            assertThat(log.linesWith("The store takes no records")).hasSize(1);
            assertThat(Health.checksOfRecording("/ready")).singleElement().satisfies(check -> assertThat(
                            check.getJsonObject("data").getString("store"))
                    .isEqualTo("down"));
            assertThat(log.lines()).noneMatch(line -> line.contains("at dev.tokentally."));

            cutAtCommit(log);
            // Payara itself logs a commit that fails, with its causes.
            assertThat(log.linesWith("not recorded")).isEmpty();
        } finally {
            deployer.undeploy(NAME);
        }
    }

    /** Uses the same application again, because deploying it takes long. Its store comes up, behind a proxy. */
    private void cutAtCommit(LogMark log) throws Exception {
        Postgres postgres = Postgres.started();
        try (CuttingProxy proxy = new CuttingProxy(Settings.port("refusing"), postgres.port())) {
            log.await("The store takes records again", Duration.ofSeconds(60));
            for (CuttingProxy.Cut where : CuttingProxy.Cut.values()) {
                // It cuts once, so that the second attempt succeeds.
                eachCallHasOneRow(5, where, 1, proxy);
            }
            for (CuttingProxy.Cut where : CuttingProxy.Cut.values()) {
                // It cuts so often that only the drainer stores the record, which takes seconds.
                eachCallHasOneRow(1, where, 3, proxy);
            }
        }
    }

    private static void eachCallHasOneRow(int calls, CuttingProxy.Cut where, int times, CuttingProxy proxy)
            throws InterruptedException {
        Postgres postgres = Postgres.started();
        String tenant = where.name().toLowerCase() + " " + times + " " + UUID.randomUUID();
        for (int i = 0; i < calls; i++) {
            proxy.cut(where, tenant, times);

            assertThat(call(tenant)).isEqualTo("answer");

            for (int tries = 0; proxy.cuts() < times && tries < 600; tries++) {
                Thread.sleep(50);
            }
            assertThat(proxy.cuts()).as(tenant).isEqualTo(times);
        }
        postgres.await(calls, "select 1 from llm_calls where tenant_id = ?", tenant);
        assertThat(postgres.query(
                        "select count(*) as n, count(distinct id) as ids, count(distinct call_id) as calls"
                                + " from llm_calls where tenant_id = ?",
                        tenant))
                .containsExactly(Map.of("n", (long) calls, "ids", (long) calls, "calls", (long) calls));
    }

    private static String call(String tenant) {
        return Http.post("/" + NAME + "/api/calls", "tenant", tenant, "operation", "chat", "call", UUID.randomUUID());
    }
}
