package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.OperateOnDeployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A quote over HTTP")
class QuotesIT {

    private static final String GENAI = "quotes-genai";
    private static final String LITELLM = "quotes-litellm";
    private static final String OWN = "quotes-own";

    private static final BigDecimal BILLIONTH = new BigDecimal("1e-9");

    @Deployment(name = GENAI, testable = false)
    static Archive<?> genai() {
        return product(GENAI, "genai-prices.json");
    }

    @Deployment(name = LITELLM, testable = false)
    static Archive<?> liteLlm() {
        return product(LITELLM, "litellm-prices.json");
    }

    @Deployment(name = OWN, testable = false)
    static Archive<?> own() {
        return product(OWN, "trials-prices.csv");
    }

    private static Archive<?> product(String name, String list) {
        Postgres.started();
        try {
            Path file = TestServer.current().directory().resolve(list).toAbsolutePath();
            Files.writeString(file, text(list));
            return Product.loadable(
                    name,
                    Map.of(
                            "tokentally.datasource",
                            DataSources.POSTGRES.jndiName(),
                            "tokentally.prices.file",
                            file.toString(),
                            "config_ordinal",
                            "500"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(String resource) {
        try (InputStream in = QuotesIT.class.getResourceAsStream("/dev/tokentally/pricing/" + resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<JsonObject> cases(String resource) {
        return text(resource)
                .lines()
                .filter(line -> !line.isBlank())
                .map(QuotesIT::json)
                .toList();
    }

    @Test
    @OperateOnDeployment(GENAI)
    @DisplayName("of each of 474 real payloads has its tokens and its cost by genai-prices' list")
    void payloads() {
        List<String> wrong = new ArrayList<>();
        List<JsonObject> payloads = cases("payloads.jsonl");
        for (JsonObject each : payloads) {
            JsonObject quote = quote(GENAI, each, "2026-08-21T12:00:00Z");
            BigDecimal expected = new BigDecimal(each.getString("cost_usd"));
            boolean right = !quote.isNull("cost_usd")
                    && cost(quote).subtract(expected).abs().compareTo(BILLIONTH) <= 0
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

    @Test
    @OperateOnDeployment(GENAI)
    @DisplayName("of each trial has the right value by its list, or none where it cannot be known")
    void trials() {
        List<String> wrong = new ArrayList<>();
        List<JsonObject> trials = cases("trials.jsonl");
        for (JsonObject each : trials) {
            JsonObject quote = quote("quotes-" + each.getString("list"), each, each.getString("at", null));
            String expected = each.getString("cost_usd");
            boolean right = expected.equals("unpriced")
                    ? quote.isNull("cost_usd") && quote.getString("cost_source").equals("none")
                    : !quote.isNull("cost_usd") && cost(quote).compareTo(new BigDecimal(expected)) == 0;
            boolean tokens = each.isNull("tokens") || quote.get("tokens").equals(each.get("tokens"));
            if (!right || !tokens) {
                wrong.add(each.getString("case") + " " + quote);
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(trials).hasSize(22);
    }

    @Test
    @OperateOnDeployment(OWN)
    @DisplayName("that is asked for wrongly is a problem with the name of the field, and needs a key")
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
            HttpResponse<String> answer = send(OWN, each.getKey());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(each.getValue());
        }
        HttpResponse<String> keyless =
                Http.send(HttpRequest.newBuilder(TestServer.current().uri("/" + OWN + "/api/v1/prices/quotes"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{}")));
        assertThat(keyless.statusCode()).isEqualTo(401);
    }

    private static BigDecimal cost(JsonObject quote) {
        return quote.getJsonNumber("cost_usd").bigDecimalValue();
    }

    private static JsonObject quote(String app, JsonObject each, String at) {
        JsonObjectBuilder body = Json.createObjectBuilder()
                .add("provider", each.getString("provider"))
                .add("model", each.getString("model"))
                .add("kind", each.getString("kind", "chat"));
        if (at != null) {
            body.add("at", at);
        }
        if (each.containsKey("service_tier")) {
            body.add("service_tier", each.getString("service_tier"));
        }
        boolean isPayload = each.get("usage") instanceof JsonObject;
        body.add(isPayload ? "usage" : "tokens", isPayload ? each.get("usage") : each.get("tokens"));
        HttpResponse<String> answer = send(app, body.build().toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer.body());
    }

    private static HttpResponse<String> send(String app, String body) {
        return Http.send(HttpRequest.newBuilder(TestServer.current().uri("/" + app + "/api/v1/prices/quotes"))
                .header("Authorization", "Bearer demo-key")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    private static JsonObject json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }
}
