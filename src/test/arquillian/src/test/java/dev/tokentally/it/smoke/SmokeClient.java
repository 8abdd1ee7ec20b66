package dev.tokentally.it.smoke;

import dev.tokentally.it.Http;
import dev.tokentally.it.TestServer;
import java.net.http.HttpRequest;

/** Sends requests to a deployed smoke application. */
final class SmokeClient {
    private final String resource;

    SmokeClient(String contextRoot) {
        this.resource = contextRoot + "/api/smoke";
    }

    int statusOf(String path) {
        return Http.send(HttpRequest.newBuilder(TestServer.current().uri(resource + path)))
                .statusCode();
    }

    String get(String path) {
        return Http.get(resource + path);
    }

    String post(String path, Object... query) {
        return Http.post(resource + path, query);
    }

    String writeRow(String jndiName, String text) {
        return post("/row", "source", jndiName, "text", text);
    }
}
