package dev.tokentally.it;

import dev.tokentally.run.PayaraMicro;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A Payara Micro beside the server of this run, with the same PostgreSQL, and with an H2 file as its default data source.
 */
final class OtherNode implements Node {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final PayaraMicro micro;
    private final ServerLog log;
    private final String operation = "on-" + UUID.randomUUID();

    private OtherNode(PayaraMicro micro, ServerLog log) {
        this.micro = micro;
        this.log = log;
    }

    /** Starts it with further options of Payara Micro, such as {@code --deploy}. It is not ready when this returns. */
    static OtherNode start(String name, List<String> options) throws IOException {
        Path folder = TestServer.current().directory().resolve(name);
        Path temporary = Files.createDirectories(folder.resolve("tmp"));
        Path before = Files.writeString(folder.resolve("before.asadmin"), """
                set configs.config.server-config.network-config.network-listeners.network-listener.http-listener.address=127.0.0.1
                set resources.jdbc-connection-pool.H2Pool.property.URL=jdbc:h2:file:../usage;WRITE_DELAY=0
                """);
        Path after = Files.writeString(folder.resolve("after.asadmin"), """
                create-jdbc-connection-pool --restype=javax.sql.DataSource --datasourceclassname=org.postgresql.ds.PGSimpleDataSource --steadypoolsize=0 --isconnectvalidatereq=true --validationmethod=custom-validation --validationclassname=org.glassfish.api.jdbc.validation.JDBC40ConnectionValidation --property=serverName=127.0.0.1:portNumber=%d:databaseName=postgres:user=postgres:password=postgres:ApplicationName=%s postgres
                create-jdbc-resource --connectionpoolid=postgres jdbc/tokentally-postgres
                """.formatted(Settings.port("postgres"), name));
        return start(folder, temporary, before, after, options);
    }

    /** Starts it with the data sources of the server of this run. */
    static OtherNode startLikeTheOther(String name, List<String> options) throws IOException {
        Path folder = TestServer.current().directory().resolve(name);
        return start(
                folder,
                Files.createDirectories(folder.resolve("tmp")),
                Settings.configuration().resolve("payara-micro-preboot.asadmin"),
                TestServer.PAYARA_MICRO.directory().resolve("data-sources.asadmin"),
                options);
    }

    private static OtherNode start(Path folder, Path temporary, Path before, Path after, List<String> options)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "--port", Integer.toString(Settings.port("other-node")),
                "--addlibs", Settings.serversDirectory().resolve("drivers").toString(),
                "--prebootcommandfile", before.toString(),
                "--postbootcommandfile", after.toString()));
        all.addAll(options);
        Path log = folder.resolve("server.log");
        Path jar = Settings.serversDirectory().resolve("payara-micro/payara-micro.jar");
        Map<String, String> environment = Map.of(
                "TOKENTALLY_API_KEYS", Settings.text("servers.api-keys"),
                "TOKENTALLY_SPOOL_DIRECTORY", folder.resolve("spool").toString());
        return new OtherNode(PayaraMicro.start(jar, all, environment, temporary, log), new ServerLog(log));
    }

    /** Waits until a path answers with a status. */
    @Override
    public void awaitAnswer(String path, int status) throws InterruptedException {
        micro.awaitAnswer(uri(path), status, PATIENCE);
    }

    /** Does the same during a redeployment. The node has started, but for a while it may give other answers. */
    void awaitAnswerAgain(String path, int status) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (Http.send(HttpRequest.newBuilder(uri(path))).statusCode() != status) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(path + " does not answer with " + status);
            }
            Thread.sleep(100);
        }
    }

    /** Makes a call through the product's API, and returns the status of the answer. */
    int complete(UUID requestId) {
        return Http.send(completion(requestId)).statusCode();
    }

    /** The operation of the calls that are made here. No other test uses it in the same database. */
    String operation() {
        return operation;
    }

    /** The request for such a call. */
    HttpRequest.Builder completion(UUID requestId) {
        return HttpRequest.newBuilder(uri("/tokentally/api/v1/completions"))
                .header("Authorization", "Bearer demo-key")
                .header("Content-Type", "application/json")
                .header("X-Request-ID", requestId.toString())
                .POST(BodyPublishers.ofString("{\"operation\":\"" + operation + "\",\"user_message\":\"u\"}"));
    }

    @Override
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + Settings.port("other-node") + path);
    }

    @Override
    public ServerLog log() {
        return log;
    }

    @Override
    public ServerProcess process() {
        return new ServerProcess(micro.process());
    }

    @Override
    public void stop() {
        micro.stop();
    }

    @Override
    public void kill() {
        micro.kill();
        micro.process().onExit().join();
    }
}
