package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@OnOnePayara
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName(
        "A customer's application with H2's own write delay and with its file and its spool in the temporary directory")
class H2IT {

    private static final String NAME = "h2";
    private static final String CALLS = "/" + NAME + "/api/calls";

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = NAME, managed = false, testable = false)
    static Archive<?> application() {
        // The ordinal is above that of the system property with which the tests' servers start.
        return CustomerArchive.named(
                NAME,
                Map.of(
                        "tokentally.datasource", DataSources.H2DEFAULT.jndiName(),
                        "tokentally.spool.directory", spool().toString(),
                        "config_ordinal", "500"));
    }

    private static Path spool() {
        return TestServer.current().temporaryDirectory().resolve("h2-spool");
    }

    @Test
    @DisplayName(
            "gets a warning about both places, has its commits written at once and its calls recorded from the first one on, and the repeated hour is right")
    void records() throws InterruptedException {
        LogMark log = TestServer.current().log().mark();
        deployer.deploy(NAME);
        try {
            // These are the very first calls. A thread that the application started cannot look up what the server has
            // to inject.
            String onOwnThreads = "own threads " + UUID.randomUUID();
            UUID call = UUID.randomUUID();
            assertThat(Http.send(HttpRequest.newBuilder(TestServer.current()
                                            .uri("/" + NAME + "/api/scopes/ways/threads"
                                                    + Http.query(
                                                            "tenant",
                                                            onOwnThreads,
                                                            "operation",
                                                            "first",
                                                            "call",
                                                            call)))
                                    .header("X-Request-ID", call.toString())
                                    .POST(BodyPublishers.noBody()))
                            .body())
                    .isEqualTo("2");
            assertThat(log.await("H2 was set to write each commit at once", Duration.ofSeconds(10)))
                    .doesNotContain("loses none");
            String temporary = TestServer.current().temporaryDirectory().toString();
            assertThat(log.linesWith("The store is an H2 database in the temporary directory"))
                    .singleElement(InstanceOfAssertFactories.STRING)
                    .contains(temporary + "/h2default.mv.db", "(java.io.tmpdir) is " + temporary)
                    .contains("let tokentally.datasource name a data source");
            assertThat(log.linesWith("The spool is in the temporary directory"))
                    .singleElement(InstanceOfAssertFactories.STRING)
                    .contains("The spool is " + spool(), "(java.io.tmpdir) is " + temporary)
                    .contains("Let tokentally.spool.directory name a directory elsewhere");
            String tenant = "time " + UUID.randomUUID();
            List<String> instants =
                    List.of("2026-10-25T01:30:00.000001Z", "2026-10-25T00:30:00.000001Z", "2026-03-29T01:30:00Z");
            for (String instant : instants) {
                Http.post(CALLS + "/record", "tenant", tenant, "id", UUID.randomUUID(), "startedAt", instant);
            }
            assertThat(Http.get(CALLS + "/started", "tenant", tenant)).isEqualTo(String.join(" ", instants));

            assertThat(Http.post(CALLS, "bean", "war", "tenant", "acme", "call", UUID.randomUUID()))
                    .isEqualTo("answer");
            assertThat(Http.get(CALLS + "/started", "tenant", "acme").split(" "))
                    .hasSize(1);
            assertThat(Http.get(CALLS + "/started", "tenant", onOwnThreads).split(" "))
                    .hasSize(2);
        } finally {
            deployer.undeploy(NAME);
        }
    }
}
