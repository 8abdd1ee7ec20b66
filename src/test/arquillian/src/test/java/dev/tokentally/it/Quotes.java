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
import org.jboss.shrinkwrap.api.Archive;

/** The product with a price list, and the questions to it. */
final class Quotes {

    private Quotes() {}

    static Archive<?> product(String name, String list) {
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
        try (InputStream in = Quotes.class.getResourceAsStream("/dev/tokentally/pricing/" + resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<JsonObject> cases(String resource) {
        return text(resource)
                .lines()
                .filter(line -> !line.isBlank())
                .map(Quotes::json)
                .toList();
    }

    /** Asks the test cases of a list, and returns those with a wrong answer. There must be so many cases of the list. */
    static List<String> wrongTrials(String app, String list, int trials) {
        List<JsonObject> ofList = cases("trials.jsonl").stream()
                .filter(each -> each.getString("list").equals(list))
                .toList();
        assertThat(ofList).hasSize(trials);
        List<String> wrong = new ArrayList<>();
        for (JsonObject each : ofList) {
            JsonObject quote = quote(app, each, each.getString("at", null));
            String expected = each.getString("cost_usd");
            boolean right = expected.equals("unpriced")
                    ? quote.isNull("cost_usd") && quote.getString("cost_source").equals("none")
                    : !quote.isNull("cost_usd") && cost(quote).compareTo(new BigDecimal(expected)) == 0;
            boolean tokens = each.isNull("tokens") || quote.get("tokens").equals(each.get("tokens"));
            if (!right || !tokens) {
                wrong.add(each.getString("case") + " " + quote);
            }
        }
        return wrong;
    }

    static BigDecimal cost(JsonObject quote) {
        return quote.getJsonNumber("cost_usd").bigDecimalValue();
    }

    static JsonObject quote(String app, JsonObject each, String at) {
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

    static HttpResponse<String> send(String app, String body) {
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
