package dev.tokentally.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Asks the API questions that take a long time. */
final class Asked {

    static final String ADMIN = "the admin";

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Uses HTTP/1.1, as curl and most clients do. Payara ends an HTTP/2 connection on which nothing was sent for 30 s. */
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Asked() {}

    /** Returns the whole answer, which must be a success. */
    static String answer(String tenant, String path) {
        HttpResponse<InputStream> answer = send(tenant, path, "application/json");
        String text = text(answer);
        assertThat(answer.statusCode()).as(path + " " + text).isEqualTo(200);
        return text;
    }

    static String text(HttpResponse<InputStream> answer) {
        try (InputStream body = answer.body()) {
            return new String(body.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static HttpResponse<InputStream> send(String tenant, String path, String type) {
        try {
            return CLIENT.send(
                    Reports.request(tenant, path)
                            .header("Accept", type)
                            .timeout(PATIENCE)
                            .build(),
                    BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
