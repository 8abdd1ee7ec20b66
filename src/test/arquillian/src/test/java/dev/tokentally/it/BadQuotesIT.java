package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import java.io.StringReader;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
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
@DisplayName("A quote request with a mistake")
class BadQuotesIT {

    private static final String APP = "quotes-bad";

    private static final String USAGE = "{\"provider\": \"openai\", \"model\": \"gpt-4o\", \"usage\": %s}";
    private static final String COUNT = USAGE.formatted("{\"prompt_tokens\": %s, \"completion_tokens\": 2}");
    private static final String TOKENS = "{\"provider\": \"openai\", \"model\": \"gpt-4o\", \"tokens\": %s}";
    private static final String MORE =
            "{\"provider\": \"openai\", \"model\": \"gpt-4o\", %s, \"tokens\": {\"input_tokens\": 9, \"output_tokens\": 2}}";

    @Deployment(testable = false)
    static Archive<?> product() {
        return Quotes.product(APP, "trials-prices.csv");
    }

    /** A row cannot have this count, but a total and a meter of a question can. */
    private static final String BEYOND_A_ROW = "2147483648";

    /** Values that are not counts. */
    private static final List<String> COUNTS = List.of(
            "-1",
            "-9223372036854775809",
            "1.5",
            "1e-400",
            BEYOND_A_ROW,
            "9223372036854775808",
            "1e400",
            "1e99999",
            "1e2147483647",
            "\"9\"",
            "\"\u0669\"",
            "\"1e3\"",
            "true",
            "[9]",
            "[[9]]",
            "{\"count\": 9}");

    @Test
    @DisplayName(
            "is answered without a price and with a note if the usage object is readable but not all of its counts")
    void unpriced() {
        List<String> wrong = new ArrayList<>();
        for (String count : COUNTS) {
            expectUnpriced(COUNT.formatted(count), wrong);
            if (!count.equals(BEYOND_A_ROW)) {
                expectUnpriced(
                        USAGE.formatted(
                                "{\"prompt_tokens\": 9, \"completion_tokens\": 2, \"total_tokens\": " + count + "}"),
                        wrong);
            }
            expectUnpriced(
                    USAGE.formatted("{\"prompt_tokens\": 9, \"completion_tokens\": 2, \"prompt_tokens_details\": "
                            + "{\"cached_tokens\": " + count + "}}"),
                    wrong);
        }
        expectUnpriced(
                USAGE.formatted(
                        "{\"prompt_tokens\": 9, \"completion_tokens\": 2, \"prompt_tokens_details\": [{\"cached_tokens\": 5}]}"),
                wrong);
        expectUnpriced(USAGE.formatted("{}"), wrong);
        expectUnpriced(USAGE.formatted("{\"prompt_tokens\": -0, \"completion_tokens\": -0.0}"), wrong);
        expectUnpriced(TOKENS.formatted("{}"), wrong);
        expectUnpriced(
                TOKENS.formatted("{\"input_tokens\": 9, \"output_tokens\": 2, \"cache_read_tokens\": 10}"), wrong);
        expectUnpriced(
                TOKENS.formatted(
                        "{\"input_tokens\": 9223372036854775807, \"output_tokens\": 2, \"cache_read_tokens\": 9223372036854775807,"
                                + " \"cache_write_tokens\": 9223372036854775807}"),
                wrong);
        expectUnpriced(
                "{\"provider\": \"nobody\\u0000\\u0007\\n\\u2028\\ud800\", \"model\": \"nothing\\r\\u202e\", \"tokens\":"
                        + " {\"input_tokens\": 9, \"output_tokens\": 2}}",
                wrong);
        expectUnpriced(MORE.formatted("\"at\": \"0001-01-01T00:00:00Z\""), wrong);

        assertThat(wrong).isEmpty();
    }

    @Test
    @DisplayName("is answered with a price if it only looks like a mistake")
    void priced() {
        List<String> wrong = new ArrayList<>();
        for (String body : List.of(
                COUNT.formatted("9.0"),
                COUNT.formatted("0.9e1"),
                COUNT.formatted("9e0"),
                TOKENS.formatted("{\"input_tokens\": 9, \"output_tokens\": -0}"),
                TOKENS.formatted("{\"input_tokens\": 9223372036854775807, \"output_tokens\": 0}"),
                MORE.formatted("\"at\": \"9999-12-31T23:59:59.999999999Z\""),
                MORE.formatted("\"kind\": \" CHAT \""),
                MORE.formatted("\"kind\": \"speech\""),
                MORE.formatted("\"kind\": \"chat,image\""),
                USAGE.formatted("{\"prompt_tokens\": 9, \"completion_tokens\": 2, \"service_tier\": \""
                        + "t".repeat(10_000) + "\"}"),
                USAGE.formatted("{\"prompt_tokens\": 9, \"completion_tokens\": 2, \"more\": " + "[".repeat(50)
                        + "]".repeat(50) + "}"))) {
            HttpResponse<String> answer = Quotes.send(APP, body);
            if (answer.statusCode() != 200 || json(answer.body()).isNull("cost_usd")) {
                wrong.add(shown(body) + " -> " + answer.statusCode() + " " + shown(answer.body()));
            }
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    @DisplayName("is refused, and the answer names the wrong field, if the JSON is readable")
    void refused() {
        List<String> wrong = new ArrayList<>();
        for (String usage : List.of("null", "5", "true", "\"{}\"", "[]", "[{\"prompt_tokens\": 9}]")) {
            expect(422, "validation_error", "usage must be the object", USAGE.formatted(usage), wrong);
        }
        for (String deep : List.of(
                "{\"a\":".repeat(1000) + "1" + "}".repeat(1000),
                "{\"a\":" + "[".repeat(1000) + "]".repeat(1000) + "}",
                "{\"a\":".repeat(80) + "1" + "}".repeat(80))) {
            expect(422, "validation_error", "nested", USAGE.formatted(deep), wrong);
        }
        expect(
                422,
                "validation_error",
                "usage has a name twice in one object",
                USAGE.formatted("{\"prompt_tokens\": 9, \"prompt_tokens\": 9, \"completion_tokens\": 2}"),
                wrong);
        expect(422, "validation_error", "usage", COUNT.formatted("9".repeat(5000)), wrong);
        for (String count : COUNTS) {
            if (!count.equals(BEYOND_A_ROW)) {
                expect(
                        422,
                        "validation_error",
                        "tokens.input_tokens must be a whole number",
                        TOKENS.formatted("{\"input_tokens\": " + count + "}"),
                        wrong);
            }
        }
        expect(422, "validation_error", "is no meter", TOKENS.formatted("{\"\\u0000tokens\": 9}"), wrong);
        expect(422, "validation_error", "is no meter", TOKENS.formatted("{\"INPUT_TOKENS\": 9}"), wrong);
        expect(422, "validation_error", "tokens must be an object", TOKENS.formatted("[]"), wrong);
        for (String at : List.of(
                "",
                "2026-01-31",
                "2026-01-31T00:00:00",
                "2026-02-30T00:00:00Z",
                "2026-01-31T00:00:00+25:00",
                "\uff12\uff10\uff12\uff16-01-31T00:00:00Z",
                "0000-01-01T00:00:00Z",
                "9999-12-31T23:59:59-01:00",
                "+999999999-12-31T23:59:59-18:00",
                "-999999999-01-01T00:00:00+18:00")) {
            expect(422, "validation_error", "at must be ", MORE.formatted("\"at\": \"" + at + "\""), wrong);
        }
        for (String field : List.of("provider", "model", "kind", "service_tier", "usage_doubts")) {
            String body = "{\"model\": \"m\", \"tokens\": {}}";
            body = field.equals("model") ? "{\"tokens\": {}}" : body;
            expect(
                    422,
                    "validation_error",
                    field + " is longer than",
                    body.replaceFirst("\\{", "{\"" + field + "\": \"" + "x".repeat(10_000) + "\", "),
                    wrong);
        }
        for (String kind : List.of("", " ", "\\t")) {
            expect(
                    422,
                    "validation_error",
                    "kind must not be blank",
                    MORE.formatted("\"kind\": \"" + kind + "\""),
                    wrong);
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    @DisplayName("is refused as a whole if it is too long or not JSON in UTF-8")
    void unreadable() {
        List<String> wrong = new ArrayList<>();
        expect(
                413,
                "request_too_large",
                "larger than",
                USAGE.formatted("{\"more\": \"" + "x".repeat(2_000_000) + "\"}"),
                wrong);
        for (String count : List.of("\u0669", "NaN", "Infinity", "0x9", "09", "+9", "9,", "1_000")) {
            expect(400, "malformed_json", "", COUNT.formatted(count), wrong);
        }
        for (String body : List.of("", "{", "{}{}", "\ufeff{}", "{\"model\": \"m\", \"usage\": {")) {
            expect(400, "malformed_json", "", body, wrong);
        }
        for (Charset charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE)) {
            HttpResponse<String> answer =
                    Http.send(HttpRequest.newBuilder(TestServer.current().uri("/" + APP + "/api/v1/prices/quotes"))
                            .header("Authorization", "Bearer demo-key")
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(COUNT.formatted("9"), charset)));
            if (answer.statusCode() != 400) {
                wrong.add(charset + " -> " + answer.statusCode() + " " + answer.body());
            }
        }

        assertThat(wrong).isEmpty();
    }

    private static void expectUnpriced(String body, List<String> wrong) {
        HttpResponse<String> answer = Quotes.send(APP, body);
        String told = shown(body) + " -> " + answer.statusCode() + " " + shown(answer.body());
        if (answer.statusCode() != 200) {
            wrong.add(told);
            return;
        }
        JsonObject quote = json(answer.body());
        boolean isRight = quote.isNull("cost_usd")
                && quote.getString("cost_source").equals("none")
                && quote.isNull("price")
                && quote.getJsonArray("items").isEmpty()
                && !quote.getJsonArray("notes").isEmpty()
                && quote.getJsonArray("notes").getValuesAs(JsonString.class).stream()
                        .allMatch(note -> note.getString().chars().noneMatch(Character::isISOControl));
        if (!isRight) {
            wrong.add(told);
        }
    }

    private static void expect(int status, String code, String detail, String body, List<String> wrong) {
        HttpResponse<String> answer = Quotes.send(APP, body);
        boolean isRight = answer.statusCode() == status
                && json(answer.body()).getString("code").equals(code)
                && json(answer.body()).getString("detail").contains(detail)
                && answer.body().length() < 2000;
        if (!isRight) {
            wrong.add(shown(body) + " -> " + answer.statusCode() + " " + shown(answer.body()));
        }
    }

    private static String shown(String text) {
        return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }

    private static JsonObject json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }
}
