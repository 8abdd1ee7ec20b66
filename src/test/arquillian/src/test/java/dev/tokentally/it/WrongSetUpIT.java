package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.it.customer.CustomerArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("An application that is set up wrongly")
class WrongSetUpIT {

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = "unsupported", managed = false, testable = false)
    static Archive<?> unsupported() {
        return CustomerArchive.named(
                "unsupported", Map.of("tokentally.datasource", DataSources.UNSUPPORTED.jndiName()));
    }

    @Deployment(name = "nowhere", managed = false, testable = false)
    static Archive<?> nowhere() {
        return CustomerArchive.named("nowhere", Map.of("tokentally.datasource", "java:app/jdbc/nowhere"));
    }

    @Deployment(name = "misspelt", managed = false, testable = false)
    static Archive<?> misspelt() {
        return CustomerArchive.named("misspelt", Map.of("tokentally.missing-scope", "ignore"));
    }

    @Deployment(name = "unspoolable", managed = false, testable = false)
    static Archive<?> unspoolable() {
        Path file = TestServer.current().log().file();
        // The ordinal is above that of the system property with which the tests' servers start.
        return CustomerArchive.named(
                "unspoolable",
                Map.of("tokentally.spool.directory", file.resolve("spool").toString(), "config_ordinal", "500"));
    }

    @Deployment(name = "mispriced", managed = false, testable = false)
    static Archive<?> mispriced() {
        try {
            Path file = TestServer.current().directory().resolve("mispriced.csv");
            Files.writeString(file, "provider,model,from,input,output\nopenai,gpt-4o,2026-01-01,2;50,10\n");
            return CustomerArchive.named("mispriced", Map.of("tokentally.prices.file", file.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Deployment(name = "keyless", managed = false, testable = false)
    static Archive<?> keyless() {
        return CustomerArchive.named("keyless", Map.of("tokentally.user", "hashed"));
    }

    @Deployment(name = "half-provider", managed = false, testable = false)
    static Archive<?> halfProvider() {
        return Product.loadable("half-provider", Map.of("tokentally.llm.base-url", "https://127.0.0.1/v1"));
    }

    @Deployment(name = "traceless", managed = false, testable = false)
    static Archive<?> traceless() {
        return Product.loadable(
                "traceless", Map.of("tokentally.trace-url", "https://tracing.example.com/trace/{traceId}"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "does not start, the log says what is wrong and what is allowed, and the server still reports its health")
    @CsvSource({
        "unsupported, HSQL Database Engine, tokentally.datasource",
        "nowhere, The configuration key tokentally.datasource is set to \"java:app/jdbc/nowhere\", nothing has that name",
    })
    void withoutStore(String name, String wrong, String allowed) throws InterruptedException {
        assertStopped(name, wrong, allowed);
    }

    @OnOneServer
    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "does not start with a wrong value either, the log says what is allowed, and the server still reports its health")
    @CsvSource({
        "misspelt, The configuration key tokentally.missing-scope is set to \"ignore\", fail or pass-through",
        "half-provider, 'The configuration key tokentally.llm.model is set to \"(nothing, although', tokentally.llm.base-url",
        "traceless, 'The configuration key tokentally.trace-url is set to \"https://tracing.example.com/trace/{traceId}\"', with {trace_id} in",
        "unspoolable, The configuration key tokentally.spool.directory is set to, a directory on a local disk",
        "keyless, 'The configuration key tokentally.user.hash-key is missing, and tokentally.user=hashed needs it', a secret text",
        "mispriced, The configuration key tokentally.prices.file is set to, line 2: input is",
    })
    void wrongValue(String name, String wrong, String allowed) throws InterruptedException {
        assertStopped(name, wrong, allowed);
    }

    private void assertStopped(String name, String wrong, String allowed) throws InterruptedException {
        LogMark log = TestServer.current().log().mark();

        assertThatThrownBy(() -> deployer.deploy(name)).isInstanceOf(Exception.class);

        assertThat(log.await(wrong, Duration.ofSeconds(20))).contains(allowed);
        // Without any other application, some servers say that they are down. But the answer must not be an error.
        assertThat(Health.ask("").statusCode()).isIn(200, 503);
        assertThat(Health.ask("").body()).startsWith("{");
    }
}
