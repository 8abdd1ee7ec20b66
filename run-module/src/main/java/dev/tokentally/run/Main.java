package dev.tokentally.run;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs the WAR on Payara Micro until it is stopped. */
public final class Main {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final PrintStream out;
    private final Path binaries;
    private final Path dataFolder;

    private Main(PrintStream out, Path binaries, Path dataFolder) {
        this.out = out;
        this.binaries = binaries;
        this.dataFolder = dataFolder;
    }

    /**
     * The run command.
     *
     * @param arguments the folder with {@code payara-micro.jar}, {@code tokentally-web.war} and {@code drivers}, and the
     *     folder for the data
     * @throws IOException when a file or the server's process cannot be made
     * @throws InterruptedException when the run is interrupted
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        new Main(System.out, Path.of(arguments[0]), Path.of(arguments[1]))
                .run(Options.of(System.getProperties(), System.getenv()));
    }

    private void run(Options options) throws IOException, InterruptedException {
        mustBeFree(options.port());
        DataFolder data = DataFolder.open(dataFolder);
        try {
            List<NewKey> keys = options.apiKeys().isPresent() ? List.of() : newKeys();
            out.println("Starting Payara Micro on 127.0.0.1:" + options.port() + ", log: " + data.log());
            serve(options, data, keys);
        } finally {
            data.release();
        }
    }

    private void serve(Options options, DataFolder data, List<NewKey> keys) throws IOException, InterruptedException {
        PayaraMicro server = start(options, data, keys);
        AtomicBoolean stopped = new AtomicBoolean();
        Thread stop = new Thread(
                () -> {
                    stopped.set(true);
                    server.stop();
                },
                "the run stops");
        Runtime.getRuntime().addShutdownHook(stop);
        URI base = URI.create("http://127.0.0.1:" + options.port() + "/tokentally");
        try {
            server.awaitAnswer(URI.create(base + "/api/v1/usage/calls"), 401, PATIENCE);
        } catch (IllegalStateException notReady) {
            if (stopped.get()) {
                return;
            }
            out.println(notReady.getMessage());
            throw new ServerFailedException("Payara Micro did not start, see " + data.log());
        }
        welcome(base, options, keys);
        int exitCode = server.waitFor();
        if (!stopped.get()) {
            throw new ServerFailedException(
                    "Payara Micro ended by itself with exit code " + exitCode + ", see " + data.log());
        }
    }

    private PayaraMicro start(Options options, DataFolder data, List<NewKey> keys) throws IOException {
        Path beforeStart = data.temporary().resolve("before-start.asadmin");
        Path afterStart = data.temporary().resolve("after-start.asadmin");
        Files.writeString(beforeStart, BootCommands.beforeStart(options.postgres(), data.databaseFromTemporary()));
        Files.writeString(afterStart, BootCommands.afterStart(options.postgres()));
        Map<String, String> environment = new HashMap<>();
        // The default would be where the server works, which the next run empties.
        environment.put("TOKENTALLY_SPOOL_DIRECTORY", data.spool().toString());
        if (options.postgres()) {
            environment.put("TOKENTALLY_DATASOURCE", BootCommands.POSTGRES_JNDI_NAME);
        }
        if (!keys.isEmpty()) {
            environment.put(
                    Options.API_KEYS,
                    String.join(",", keys.stream().map(NewKey::entry).toList()));
        }
        return PayaraMicro.start(
                binaries.resolve("payara-micro.jar"),
                List.of(
                        "--port", Integer.toString(options.port()),
                        "--addlibs", binaries.resolve("drivers").toString(),
                        "--prebootcommandfile", beforeStart.toString(),
                        "--postbootcommandfile", afterStart.toString(),
                        "--deploy", binaries.resolve("tokentally-web.war").toString(),
                        "--contextroot", "tokentally"),
                environment,
                data.temporary(),
                data.log());
    }

    private static List<NewKey> newKeys() {
        SecureRandom random = new SecureRandom();
        return List.of(NewKey.of("demo", "tenant", random), NewKey.of("admin", "admin", random));
    }

    private static void mustBeFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException inUse) {
            throw new InvalidOptionException(
                    "Port " + port + " is in use: stop what uses it, or choose another with -D" + Options.PORT + "=N");
        }
    }

    private void welcome(URI base, Options options, List<NewKey> keys) {
        String demoKey = keys.isEmpty() ? "YOUR_KEY" : keys.get(0).secret();
        List<String> lines = new ArrayList<>(List.of(
                "",
                "Tokentally is ready, look at it in a browser: " + base + "/",
                "Records are kept in "
                        + (options.postgres()
                                ? "PostgreSQL, as " + Options.DB_URL + " says"
                                : dataFolder.resolve("tokentally.mv.db"))));
        if (keys.isEmpty()) {
            lines.add("API keys: those of " + Options.API_KEYS);
        } else {
            lines.add("API key (tenant demo): " + keys.get(0).secret());
            lines.add("API key (admin): " + keys.get(1).secret());
        }
        lines.addAll(List.of(
                "",
                options.provider()
                        ? "Make a call (the provider answers that " + Options.LLM_BASE_URL + " names):"
                        : "Make a call (an offline model answers, no account is needed):",
                "  curl -H 'Authorization: Bearer " + demoKey + "' -H 'Content-Type: application/json' -d"
                        + " '{\"operation\":\"summarise\",\"system_message\":\"You are brief.\",\"user_message\":\"Say"
                        + " hello.\"}' " + base + "/api/v1/completions",
                "See what was recorded:",
                "  curl -H 'Authorization: Bearer " + demoKey + "' " + base + "/api/v1/usage/calls",
                "",
                "Ctrl-C stops it.",
                ""));
        lines.forEach(out::println);
        out.flush();
    }
}
