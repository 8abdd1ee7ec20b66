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
import java.util.TreeMap;
import java.util.UUID;
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

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The row of a call by LangChain4j")
class LangChain4jQuotesIT {

    private static final String CALLER = "quoted-vendors";
    private static final String PRODUCT = "quotes-of-vendors";

    private static final ProviderStub PROVIDER = ProviderStub.start();

    /** Every meter has another price, and one tier some of its own. */
    private static final String PRICES = """
            provider,model,from,tier,input,output,cached_input,cache_write,cache_write_1h,input_audio,cache_audio_read,input_image,reasoning,output_audio,web_searches
            openai,m-1,2026-01-01,,10,100,1,12,20,40,4,15,60,200,10
            openai,m-1,2026-01-01,flex,5,50,,,,,,,,,
            anthropic,m-1,2026-01-01,,10,100,1,12,20,40,4,15,60,200,10
            mistral_ai,m-1,2026-01-01,,10,100,1,12,20,40,4,15,60,200,10
            """;

    private static final Map<Protocol, List<String>> OBJECTS = Map.of(
            Protocol.OPENAI, List.of("""
                    {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200,
                     "prompt_tokens_details": {"cached_tokens": 400, "audio_tokens": 100},
                     "completion_tokens_details": {"reasoning_tokens": 50, "audio_tokens": 30}}""", """
                    {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 351,
                     "completion_tokens_details": {"reasoning_tokens": 310}}""", """
                    {"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 298}""", """
                    {"prompt_tokens": 30, "completion_tokens": 7, "total_tokens": 37,
                     "prompt_tokens_details": {"cached_tokens": 31}}""", """
                    {"prompt_tokens": 3019, "completion_tokens": 104, "total_tokens": 3123,
                     "prompt_tokens_details": {"cached_tokens": 2048, "cache_write_tokens": 900}}"""),
            Protocol.OPENAI_RESPONSES, List.of("""
                    {"input_tokens": 75, "input_tokens_details": {"cached_tokens": 10}, "output_tokens": 1186,
                     "output_tokens_details": {"reasoning_tokens": 1024}, "total_tokens": 1261}""", """
                    {"input_tokens": 37, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 30},
                     "output_tokens": 11, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 48}""", """
                    {"input_tokens": 37, "output_tokens": 11, "total_tokens": 48}"""),
            Protocol.ANTHROPIC, List.of("""
                    {"input_tokens": 21, "cache_creation_input_tokens": 300, "cache_read_input_tokens": 1000,
                     "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
                     "output_tokens": 393, "service_tier": "priority", "server_tool_use": {"web_search_requests": 2}}""", """
                    {"input_tokens": 21, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                     "output_tokens": 393, "service_tier": "standard", "inference_geo": "us",
                     "server_tool_use": {"web_search_requests": 2}}""", """
                    {"input_tokens": 21, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 0,
                     "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 6},
                     "output_tokens": 393, "server_tool_use": {"web_search_requests": 2}}"""),
            Protocol.MISTRAL, List.of("""
                    {"prompt_tokens": 50, "total_tokens": 70, "completion_tokens": 20, "num_cached_tokens": 16}""", """
                    {"prompt_tokens": 50, "total_tokens": 70, "completion_tokens": 20,
                     "prompt_tokens_details": {"cached_tokens": 16}}""", """
                    {"prompt_tokens": 50, "total_tokens": 70, "completion_tokens": 20, "prompt_audio_seconds": 12}"""));

    private static final Map<Protocol, String> TIERS =
            Map.of(Protocol.OPENAI, "flex", Protocol.OPENAI_RESPONSES, "priority");

    private final Postgres postgres = Postgres.started();

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = CALLER, managed = false, testable = false)
    static Archive<?> caller() {
        Postgres.started();
        return CustomerArchive.chat(
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

    /** One application after the other, as Payara Micro's adapter has one at a time. */
    @Test
    @DisplayName(
            "has the tokens, the cost and the cost source of a quote of the provider's own object, ordinary and streamed")
    void rows() throws InterruptedException {
        List<Called> calls = new ArrayList<>();
        deployer.deploy(CALLER);
        try {
            for (Map.Entry<Protocol, List<String>> objects : OBJECTS.entrySet()) {
                for (String usage : objects.getValue()) {
                    for (String by : List.of("ordinary", "listener", "wrapper")) {
                        calls.add(called(objects.getKey(), by, usage));
                    }
                }
            }
        } finally {
            deployer.undeploy(CALLER);
        }
        deployer.deploy(PRODUCT);
        try {
            assertThat(calls).hasSize(42).allSatisfy(LangChain4jQuotesIT::isAsQuoted);
        } finally {
            deployer.undeploy(PRODUCT);
        }
    }

    private Called called(Protocol protocol, String by, String usage) throws InterruptedException {
        if (by.equals("ordinary")) {
            PROVIDER.answers(protocol, usage);
        } else {
            PROVIDER.streams(protocol, usage);
        }
        UUID call = UUID.randomUUID();
        assertThat(Http.post(
                        "/" + CALLER + "/api/providers",
                        "by",
                        by,
                        "protocol",
                        protocol,
                        "url",
                        PROVIDER.baseUrl(),
                        "tenant",
                        "quoted",
                        "call",
                        call))
                .isEqualTo("fox");
        List<Map<String, Object>> rows = postgres.await(1, "select * from llm_calls where call_id = ?", call);
        assertThat(rows).hasSize(1);
        return new Called(protocol, by, usage, rows.get(0));
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

        /** By the names that a quote has. */
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
