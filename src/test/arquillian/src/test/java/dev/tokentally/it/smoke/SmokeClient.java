package dev.tokentally.it.smoke;

import dev.tokentally.it.TestServer;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** Talks to a deployed smoke application. */
final class SmokeClient {
    private final HttpClient http = HttpClient.newHttpClient();
    private final String contextRoot;

    SmokeClient(String contextRoot) {
        this.contextRoot = contextRoot;
    }

    int statusOf(String path) throws IOException, InterruptedException {
        return send(request(path).GET()).statusCode();
    }

    String get(String path) throws IOException, InterruptedException {
        return send(request(path).GET()).body();
    }

    String post(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = send(request(path).POST(HttpRequest.BodyPublishers.noBody()));
        if (response.statusCode() / 100 != 2) {
            throw new IOException(path + " answered " + response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    String writeRow(String jndiName, String text) throws IOException, InterruptedException {
        return post("/row?source=" + encoded(jndiName) + "&text=" + encoded(text));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(TestServer.current().uri(contextRoot + "/api/smoke" + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
