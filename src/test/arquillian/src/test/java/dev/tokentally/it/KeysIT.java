package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@OnOneServer
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The API keys of the product, from the customer's own configuration source")
class KeysIT {

    private static final String APP = "keys";
    private static final String ADMIN = "an-admin's-key";
    private static final String TENANT = "a-tenant's-key";
    private static final int ALLOWED = 5;
    private static final Path FILE = TestServer.current().directory().resolve("keys");

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = APP, managed = false, testable = false)
    static Archive<?> product() {
        return Product.configured(
                APP,
                ShrinkWrap.create(JavaArchive.class, "file-of-keys.jar")
                        .addClass(FileOfKeys.class)
                        .addAsServiceProvider(ConfigSource.class, FileOfKeys.class)
                        .addAsResource(new StringAsset(FILE.toString()), FileOfKeys.WHERE)
                        .addAsResource(
                                Product.properties(Map.of("tokentally.api.failed-attempts", Integer.toString(ALLOWED))),
                                "META-INF/microprofile-config.properties"));
    }

    @Test
    @DisplayName("can be made by an admin, are shown once, and work when their entry is configured")
    void made() throws IOException {
        String admin = "the boss:admin:" + sha256(ADMIN);
        String tenant = "Müller 😀:tenant:" + sha256(TENANT);
        LogMark log = TestServer.current().log().mark();
        JsonObject made;
        try (Deployed first = deployed(admin, tenant)) {
            HttpResponse<String> answer = make(ADMIN, "{\"tenant\":\"acme\",\"role\":\"tenant\"}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
            assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
            made = Corpus.json(answer.body()).asJsonObject();
            assertThat(made.getString("tenant")).isEqualTo("acme");
            assertThat(made.getString("role")).isEqualTo("tenant");
            assertThat(made.getString("entry")).isEqualTo("acme:tenant:" + sha256(made.getString("key")));
            assertThat(make(ADMIN, "{\"tenant\":\"acme\",\"role\":\"tenant\"}").body())
                    .doesNotContain(made.getString("key"));

            assertThat(get(made.getString("key"), "/usage").statusCode()).isEqualTo(401);
            assertThat(Corpus.json(get(TENANT, "/usage").body()).asJsonObject().getString("tenant_id"))
                    .isEqualTo("Müller 😀");
            assertThat(log.linesWith("An API key was made for tenant=acme role=tenant by tenant=the boss"))
                    .hasSize(2);
        }
        try (Deployed again = deployed(admin, tenant, made.getString("entry"))) {
            HttpResponse<String> usage = get(made.getString("key"), "/usage");
            assertThat(usage.statusCode()).as(usage.body()).isEqualTo(200);
            assertThat(Corpus.json(usage.body()).asJsonObject().getString("tenant_id"))
                    .isEqualTo("acme");
            assertThat(get(made.getString("key"), "/usage/all/by-tenant").statusCode())
                    .isEqualTo(403);
            refused(made.getString("key"));
            wrongKeys(made.getString("key"));
        }
        assertThat(log.lines()).noneMatch(line -> Stream.of(ADMIN, TENANT, made.getString("key"), "guess-")
                .anyMatch(line::contains));
    }

    /** Callers who may not make a key, and requests that are wrong. */
    private static void refused(String tenantsKey) {
        problem(make(tenantsKey, "{\"tenant\":\"acme\",\"role\":\"admin\"}"), 403, "forbidden");
        problem(make(TENANT, "not even JSON"), 403, "forbidden");
        problem(make(ADMIN, "{\"tenant\":\"acme\"}"), 422, "role is missing");
        problem(make(ADMIN, "{\"tenant\":\"acme\",\"role\":\"root\"}"), 422, "role must be tenant or admin");
        problem(make(ADMIN, "{\"tenant\":\"a,b:admin:\",\"role\":\"tenant\"}"), 422, "tenant is not allowed");
        problem(make(ADMIN, "{\"tenant\":\"${user.home}\",\"role\":\"tenant\"}"), 422, "tenant is not allowed");
        problem(make(ADMIN, "{\"tenant\":\"a\\nb\",\"role\":\"tenant\"}"), 422, "tenant is not allowed");
        problem(make(ADMIN, "{"), 400, "malformed_json");
        problem(
                Http.send(request(ADMIN, "/keys")
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString("{\"tenant\":\"acme\",\"role\":\"tenant\"}"))),
                415,
                "unsupported_media_type");
        problem(get(ADMIN, "/keys"), 405, "method_not_allowed");
    }

    /** Wrong keys soon get 429. The right key, and requests without a key, are answered as always. */
    private static void wrongKeys(String rightKey) {
        LogMark log = TestServer.current().log().mark();
        List<HttpResponse<String>> answers = Stream.iterate(0, i -> i + 1)
                .limit(60)
                .map(i -> Http.send(request("guess-" + i, "/usage").header("X-Forwarded-For", "192.0.2." + i)))
                .toList();
        assertThat(answers).extracting(HttpResponse::statusCode).containsOnly(401, 429);
        assertThat(answers.subList(0, ALLOWED))
                .extracting(HttpResponse::statusCode)
                .containsOnly(401);
        List<HttpResponse<String>> tooMany =
                answers.stream().filter(answer -> answer.statusCode() == 429).toList();
        assertThat(tooMany).hasSizeGreaterThan(30);
        for (HttpResponse<String> answer : tooMany) {
            problem(answer, 429, "too_many_requests");
            assertThat(answer.headers().firstValue("Retry-After"))
                    .hasValueSatisfying(seconds -> assertThat(seconds).matches("[1-3]"));
            assertThat(get(rightKey, "/usage").statusCode()).isEqualTo(200);
        }
        for (int i = 0; i < 2 * ALLOWED; i++) {
            assertThat(Http.send(HttpRequest.newBuilder(TestServer.current().uri("/" + APP + "/api/v1/usage")))
                            .statusCode())
                    .isEqualTo(401);
        }
        assertThat(log.linesWith("An API request is refused")).hasSizeLessThanOrEqualTo(2 * ALLOWED);
        assertThat(log.linesWith("further ones get 429")).hasSize(1);
    }

    private static void problem(HttpResponse<String> answer, int status, String said) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(answer.body()).contains(said);
    }

    private static HttpResponse<String> make(String key, String body) {
        return Http.send(
                request(key, "/keys").header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> get(String key, String path) {
        return Http.send(request(key, path));
    }

    private static HttpRequest.Builder request(String key, String path) {
        return HttpRequest.newBuilder(TestServer.current().uri("/" + APP + "/api/v1" + path))
                .header("Authorization", "Bearer " + key);
    }

    private static String sha256(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Deployed deployed(String... entries) throws IOException {
        Files.writeString(FILE, Stream.of(entries).collect(Collectors.joining(",")));
        deployer.deploy(APP);
        return () -> deployer.undeploy(APP);
    }

    private interface Deployed extends AutoCloseable {
        @Override
        void close();
    }
}
