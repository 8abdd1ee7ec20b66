package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import jakarta.json.JsonObject;
import java.util.Map;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@OnOnePayara
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The server's health, while it runs a customer's application")
class HealthIT {

    @Deployment(testable = false)
    static Archive<?> application() {
        return CustomerArchive.named("customer", Map.of());
    }

    @Test
    @DisplayName("has one check of recording, which is up and tells what waits and what was lost")
    void ready() {
        assertThat(Health.checksOfRecording("/ready")).singleElement().satisfies(check -> {
            assertThat(check.getString("status")).isEqualTo("UP");
            JsonObject data = check.getJsonObject("data");
            assertThat(data.keySet())
                    .containsExactlyInAnyOrder(
                            "application",
                            "node",
                            "store",
                            "waiting",
                            "oldest_age_seconds",
                            "rejected",
                            "dropped",
                            "without_scope",
                            "damaged");
            assertThat(data.getString("application")).isEqualTo("customer");
            assertThat(data.getString("node")).isNotBlank();
            assertThat(data.getString("store")).isEqualTo("up");
            // Payara writes a number as a string.
            assertThat(data.get("dropped").toString().replace("\"", "")).isEqualTo("0");
        });
    }

    @Test
    @DisplayName("is that of a server in a zone with daylight saving, as the tests of times need it")
    void zone() throws Exception {
        assertThat(new ServerProcess(TestServer.current().process().orElseThrow()).systemProperty("user.timezone"))
                .isEqualTo("Europe/Amsterdam");
    }

    @Test
    @DisplayName(
            "has that check once, among the readiness checks and not among those that make an orchestrator restart the server")
    void onlyInReadiness() {
        assertThat(Health.checksOfRecording("")).hasSize(1);
        assertThat(Health.checksOfRecording("/live")).isEmpty();
        assertThat(Health.checksOfRecording("/started")).isEmpty();
    }
}
