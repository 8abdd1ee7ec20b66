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
    @DisplayName("starts, is told whether @Retry is live, and has its answers and one line about the outage")
    void refusing() throws InterruptedException {
        LogMark log = TestServer.current().log().mark();
        deployer.deploy(NAME);
        try {
            String probe = log.await("@Retry is", Duration.ofSeconds(10));
            if (TestServer.current() == TestServer.PAYARA_SERVER) {
                assertThat(probe).contains("@Retry is not live", "on Payara give a bean of a WAR");
            } else {
                assertThat(probe).contains("@Retry is live: 3 attempts");
            }
            assertThat(log.linesWith("is out of reach at start")).hasSize(1);

            String answer = Http.post(
                    "/" + NAME + "/api/calls", "tenant", "acme", "operation", "chat", "call", UUID.randomUUID());

            assertThat(answer).isEqualTo("answer");
            assertThat(log.await("The store takes no records", Duration.ofSeconds(10)))
                    .contains("the store is out of reach", "wait in");
            assertThat(log.linesWith("The store takes no records")).hasSize(1);
            assertThat(Health.checksOfRecording("/ready")).singleElement().satisfies(check -> assertThat(
                            check.getJsonObject("data").getString("store"))
                    .isEqualTo("down"));
            assertThat(log.lines()).noneMatch(line -> line.contains("at dev.tokentally."));
        } finally {
            deployer.undeploy(NAME);
        }
    }
}
