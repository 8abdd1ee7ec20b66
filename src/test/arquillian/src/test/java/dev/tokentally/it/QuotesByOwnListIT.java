package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@OnOneServer
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A quote by a list of our own format")
class QuotesByOwnListIT {

    private static final String APP = "quotes-own";

    @Deployment(testable = false)
    static Archive<?> product() {
        return Quotes.product(APP, "trials-prices.csv");
    }

    @Test
    @DisplayName("has the right value for each trial, or none if it cannot be known")
    void trials() {
        assertThat(Quotes.wrongTrials(APP, "own", 3)).isEmpty();
    }

    @Test
    @DisplayName("needs a key, and a wrong request gets a problem as its answer")
    void wrong() {
        for (Map.Entry<String, Integer> each : Map.of(
                        "{\"model\": \"m\"}",
                        422,
                        "{\"model\": \"m\", \"usage\": []}",
                        422,
                        "{\"model\": \"m\", \"usage\": " + "{\"a\":".repeat(1000) + "1" + "}".repeat(1000) + "}",
                        422,
                        "{\"model\": \"m\", \"usage\": {\"a\": \"" + "x".repeat(2_000_000) + "\"}}",
                        413,
                        "{\"model\": ",
                        400)
                .entrySet()) {
            HttpResponse<String> answer = Quotes.send(APP, each.getKey());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(each.getValue());
        }
        HttpResponse<String> keyless =
                Http.send(HttpRequest.newBuilder(TestServer.current().uri("/" + APP + "/api/v1/prices/quotes"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{}")));
        assertThat(keyless.statusCode()).isEqualTo(401);
    }
}
