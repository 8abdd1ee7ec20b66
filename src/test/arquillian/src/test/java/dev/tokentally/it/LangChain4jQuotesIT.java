package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.providers.Protocol;
import dev.tokentally.langchain4j.providers.ProviderStub;
import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RunsOn(TestServer.PAYARA_MICRO)
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The row of a call through LangChain4j")
class LangChain4jQuotesIT {

    private static final String CALLER = "quoted-vendors";
    private static final String PRODUCT = "quotes-of-vendors";

    private static final ProviderStub PROVIDER = ProviderStub.start();

    /** Every meter has a different price, and one tier has some prices of its own. */
    private static final String PRICES = """
            provider,model,from,tier,input,output,cached_input,cache_write,cache_write_1h,input_audio,cache_audio_read,input_image,reasoning,output_audio,web_searches
            openai,m-1,2026-01-01,,10,100,1,12,20,40,4,15,60,200,10
            openai,m-1,2026-01-01,flex,5,50,,,,,,,,,
            anthropic,m-1,2026-01-01,,10,100,1,12,20,40,4,15,60,200,10
            mistral_ai,m-1,2026-01-01,,10,100,1,12,20,40,4,15,60,200,10
            gcp.gemini,m-1,2026-01-01,,10,100,1,12,20,40,4,15,60,200,10
            aws.bedrock,m-1,2026-01-01,,10,100,1,12,20,40,4,15,60,200,10
            """;

    /**
     * The providers for which LangChain4j has its own class of counts, and the usage objects that this class keeps
     * completely.
     */
    private static final Map<Protocol, Set<Integer>> KEPT =
            Map.of(Protocol.GEMINI, Set.of(0, 1, 2, 7), Protocol.BEDROCK, Set.of(0, 1));

    private static final Map<Protocol, String> TIERS =
            Map.of(Protocol.OPENAI, "flex", Protocol.OPENAI_RESPONSES, "priority");

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = CALLER, managed = false, testable = false)
    static Archive<?> caller() {
        Postgres.started();
        return CustomerArchive.vendors(
                CALLER,
                Map.of(
                        "tokentally.datasource", DataSources.POSTGRES.jndiName(),
                        "tokentally.prices.file", prices(),
                        "customer.llm.base-url", PROVIDER.baseUrl(),
                        "customer.llm.api-key", OpenAiStub.KEY));
    }

    @Deployment(name = PRODUCT, managed = false, testable = false)
    static Archive<?> product() {
        return Product.loadable(
                PRODUCT,
                Map.of(
                        "tokentally.datasource", DataSources.POSTGRES.jndiName(),
                        "tokentally.prices.file", prices(),
                        "config_ordinal", "500"));
    }

    private static String prices() {
        try {
            Path file = TestServer.current().directory().resolve("vendors.csv").toAbsolutePath();
            return Files.writeString(file, PRICES).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deploys one application after the other. The second has the same prices as the first, and quotes what that recorded. */
    @Test
    @DisplayName(
            "has the same tokens, cost and cost source as a quote of the provider's own object, ordinary and streamed, or says that the bill may differ because LangChain4j does not keep the object")
    void rows() throws InterruptedException {
        List<Called> calls = new ArrayList<>();
        deployer.deploy(CALLER);
        try {
            for (Protocol protocol : Protocol.values()) {
                for (String usage : protocol.usages()) {
                    for (String by : List.of("ordinary", "listener", "wrapper")) {
                        calls.add(new Called(protocol, by, usage, Vendors.row(PROVIDER, CALLER, protocol, by, usage)));
                    }
                }
            }
        } finally {
            deployer.undeploy(CALLER);
        }
        deployer.deploy(PRODUCT);
        try {
            assertThat(calls)
                    .hasSize(102)
                    .filteredOn(Called::isKept)
                    .hasSize(84)
                    .allSatisfy(LangChain4jQuotesIT::isAsQuoted);
            assertThat(calls)
                    .filteredOn(call -> !call.isKept())
                    .extracting(call -> call.row().get("cost_source"))
                    .containsOnly("partial", "none");
        } finally {
            deployer.undeploy(PRODUCT);
        }
    }

    private static void isAsQuoted(Called call) {
        JsonObjectBuilder asked = Json.createObjectBuilder()
                .add("provider", call.protocol().provider())
                .add("model", "m-1")
                .add("kind", "chat")
                .add("usage", object(call.usage()));
        if (TIERS.containsKey(call.protocol())) {
            asked.add("service_tier", TIERS.get(call.protocol()));
        }
        JsonObject quote = Quotes.quote(PRODUCT, asked.build(), null);
        Map<String, Long> tokens = new TreeMap<>();
        quote.getJsonObject("tokens").forEach((meter, count) -> tokens.put(meter, ((JsonNumber) count).longValue()));

        assertThat(call.tokens()).isEqualTo(tokens);
        assertThat(call.row())
                .containsEntry("cost_source", quote.getString("cost_source"))
                .containsEntry("service_tier", quote.getString("service_tier"));
        BigDecimal cost =
                quote.isNull("cost_usd") ? BigDecimal.ZERO : Quotes.cost(quote).setScale(10, RoundingMode.HALF_EVEN);
        assertThat((BigDecimal) call.row().get("cost_usd")).isEqualByComparingTo(cost);
    }

    private static JsonObject object(String json) {
        try (JsonReader reader = Json.createReader(new StringReader(json))) {
            return reader.readObject();
        }
    }

    /** A call and its row. */
    private record Called(Protocol protocol, String by, String usage, Map<String, Object> row) {

        boolean isKept() {
            return !KEPT.containsKey(protocol)
                    || KEPT.get(protocol).contains(protocol.usages().indexOf(usage));
        }

        /** Returns the row's values by the names that a quote has. */
        Map<String, Long> tokens() {
            Map<String, Long> tokens = new TreeMap<>();
            Map.of(
                            "cached_input_tokens", "cache_read_tokens",
                            "cache_write_tokens", "cache_write_tokens",
                            "reasoning_tokens", "output_reasoning_tokens")
                    .forEach((column, meter) -> {
                        if (count(column) > 0) {
                            tokens.put(meter, count(column));
                        }
                    });
            tokens.put("input_tokens", count("input_tokens"));
            tokens.put("output_tokens", count("output_tokens"));
            for (String meter : row.get("meters").toString().split(" ")) {
                if (!meter.isEmpty()) {
                    tokens.put(meter.split("=")[0], Long.valueOf(meter.split("=")[1]));
                }
            }
            return tokens;
        }

        private long count(String column) {
            return ((Number) row.get(column)).longValue();
        }

        @Override
        public String toString() {
            return protocol + " " + by + " " + usage + " " + row;
        }
    }
}
