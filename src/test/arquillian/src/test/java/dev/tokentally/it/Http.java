package dev.tokentally.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Sends requests to an application of the server of this run. */
public final class Http {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Http() {}

    /**
     * Posts without a body.
     *
     * @param path from the context root on
     * @param query names and values in turn
     * @return the body of the answer
     * @throws AssertionError if the answer is no success
     */
    public static String post(String path, Object... query) {
        return success(HttpRequest.newBuilder(TestServer.current().uri(path + query(query)))
                .POST(BodyPublishers.noBody()));
    }

    /** Does the same with GET. */
    public static String get(String path, Object... query) {
        return success(HttpRequest.newBuilder(TestServer.current().uri(path + query(query))));
    }

    /** Sends any request and returns any answer. */
    public static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return CLIENT.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String success(HttpRequest.Builder request) {
        HttpResponse<String> response = send(request);
        if (response.statusCode() / 100 != 2) {
            throw new AssertionError(response + "\n" + response.body());
        }
        return response.body();
    }

    /** Returns the encoded query string. */
    public static String query(Object... namesAndValues) {
        StringBuilder query = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            query.append(i == 0 ? '?' : '&')
                    .append(namesAndValues[i])
                    .append('=')
                    .append(URLEncoder.encode(namesAndValues[i + 1].toString(), StandardCharsets.UTF_8));
        }
        return query.toString();
    }
}
