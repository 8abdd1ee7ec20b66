package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
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
@DisplayName("A quote by genai-prices' list")
class QuotesIT {

    private static final String APP = "quotes-genai";

    private static final BigDecimal BILLIONTH = new BigDecimal("1e-9");

    @Deployment(testable = false)
    static Archive<?> product() {
        return Quotes.product(APP, "genai-prices.json");
    }

    @Test
    @DisplayName("has the right value for each trial, or none if it cannot be known")
    void trials() {
        assertThat(Quotes.wrongTrials(APP, "genai", 1)).isEmpty();
    }

    @Test
    @DisplayName("has the tokens and the cost of each of 474 real payloads")
    void payloads() {
        List<String> wrong = new ArrayList<>();
        List<JsonObject> payloads = Quotes.cases("payloads.jsonl");
        for (JsonObject each : payloads) {
            JsonObject quote = Quotes.quote(APP, each, "2026-08-21T12:00:00Z");
            BigDecimal expected = new BigDecimal(each.getString("cost_usd"));
            boolean right = !quote.isNull("cost_usd")
                    && Quotes.cost(quote).subtract(expected).abs().compareTo(BILLIONTH) <= 0
                    && quote.get("tokens").equals(each.get("tokens"))
                    && each.getString("cost_source", quote.getString("cost_source"))
                            .equals(quote.getString("cost_source"));
            if (!right) {
                wrong.add(each.getString("case") + " " + quote);
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(payloads).hasSize(474);
    }
}
