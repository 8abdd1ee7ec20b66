package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnOneServer
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's application with LiteLLM's list as its prices")
class PricesIT {

    private static final String NAME = "priced";

    private final Postgres postgres = Postgres.started();

    @Deployment(testable = false)
    static Archive<?> application() {
        Postgres.started();
        return CustomerArchive.named(
                NAME,
                Map.of(
                        "tokentally.datasource",
                        DataSources.POSTGRES.jndiName(),
                        "tokentally.prices.file",
                        file().toString()));
    }

    private static Path file() {
        try {
            Path file = TestServer.current().directory().resolve("litellm.json");
            return Files.writeString(file, """
                            {"sample_spec": {"input_cost_per_token": 0.0, "max_tokens": "LEGACY parameter"},
                             "m": {"litellm_provider": "ejb", "mode": "chat", "input_cost_per_token": 1e-06,
                                   "cache_read_input_token_cost": 1e-07, "cache_creation_input_token_cost": 1.25e-06,
                                   "output_cost_per_token": 1e-05, "output_cost_per_reasoning_token": 2e-05}}
                            """).toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @DisplayName("gets a price from the list for each call without a cost, and keeps the cost that its adapter gives")
    @CsvSource({
        // 30 + 60 * 0.1 + 10 * 1.25 + 10 * 10 + 30 * 20 = 748.5 millionths
        "cost-null, 0.0007485, price-list",
        "cost-nan, 0.0007485, price-list",
        "cost-huge, 0.0007485, price-list",
        "parts-too-large, 0.5, provider",
        "null-parts, 0, none",
        "throw-billed, 0.75, provider",
        "throw-error, 0, none",
    })
    void priced(String script, BigDecimal cost, String source) {
        UUID call = UUID.randomUUID();

        Http.post("/" + NAME + "/api/calls", "tenant", "acme", "call", call, "script", script);

        assertThat(postgres.await(1, "select cost_usd, cost_source from llm_calls where call_id = ?", call))
                .singleElement()
                .satisfies(row -> {
                    assertThat((BigDecimal) row.get("cost_usd")).isEqualByComparingTo(cost);
                    assertThat(row).containsEntry("cost_source", source);
                });
    }
}
