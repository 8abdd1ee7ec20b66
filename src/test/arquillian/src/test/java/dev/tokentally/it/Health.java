package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/** The health answers of the server of this run. */
final class Health {

    private Health() {}

    /**
     * The checks of recording, one for each application that runs. Payara Server also keeps those of applications whose
     * deployment failed; they report a fault until the server restarts.
     *
     * @param kind {@code /ready}, {@code /live} or {@code /started}; empty for all
     */
    static List<JsonObject> checksOfRecording(String kind) {
        HttpResponse<String> response = ask(kind);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        try (JsonReader reader = Json.createReader(new StringReader(response.body()))) {
            return reader.readObject().getJsonArray("checks").getValuesAs(JsonObject.class).stream()
                    .filter(check -> check.getString("name").equals("tokentally-recording"))
                    .filter(check -> !check.getJsonObject("data").containsKey("fault"))
                    .toList();
        }
    }

    /** The whole answer, with any status. */
    static HttpResponse<String> ask(String kind) {
        return Http.send(HttpRequest.newBuilder(TestServer.current().healthUri(kind)));
    }
}
