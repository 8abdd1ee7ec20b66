package dev.tokentally.run;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the WAR on Payara Micro until it is stopped. */
public final class Main {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration STORE_POLL = Duration.ofSeconds(2);

    private final PrintStream out;
    private final Path binaries;

    private Main(PrintStream out, Path binaries) {
        this.out = out;
        this.binaries = binaries;
    }

    /**
     * The run command.
     *
     * @param arguments the folder with {@code payara-micro.jar}, {@code tokentally-web.war} and {@code drivers}, and the
     *     folder for the data
     * @throws IOException when a file or the server's process cannot be created
     * @throws InterruptedException when the run is interrupted
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        try {
            Path dataFolder = Path.of(arguments[1]);
            // The checks run once more: the build took some time, or there was no build.
            Options options = Checks.passed(System.getProperties(), System.getenv(), dataFolder);
            new Main(System.out, Path.of(arguments[0]))
                    .run(options, DataFolder.open(options.data().orElse(dataFolder)));
        } catch (InvalidOptionException | ServerFailedException failure) {
            end(System.out, failure.getMessage());
        }
    }

    /**
     * Prints a message and ends the process, which may be Maven's. With an exception, nine lines of Maven would follow
     * the message.
     */
    static void end(PrintStream out, String message) {
        out.println();
        out.println(message);
        out.flush();
        System.exit(1);
    }

    private void run(Options options, DataFolder data) throws IOException, InterruptedException {
        try {
            List<NewKey> keys = options.apiKeys() > 0 ? List.of() : newKeys();
            out.println("Starting Payara Micro on 127.0.0.1:" + options.port() + ", log: " + data.log());
            out.flush();
            serve(options, data, keys);
        } finally {
            data.release();
        }
    }

    private void serve(Options options, DataFolder data, List<NewKey> keys) throws IOException, InterruptedException {
        Lifetime lifetime = new Lifetime();
        PayaraMicro server = lifetime.started(() -> start(options, data, keys));
        if (server == null) {
            return;
        }
        try {
            server.awaitAnswer(
                    URI.create("http://127.0.0.1:" + options.port() + "/tokentally/api/v1/usage/calls"), 401, PATIENCE);
        } catch (IllegalStateException notReady) {
            if (lifetime.isStopped()) {
                return;
            }
            throw new ServerFailedException(notReady.getMessage() + "\nPayara Micro did not start, see " + data.log());
        }
        welcome(options, data, keys, server);
        int exitCode = server.waitFor();
        if (!lifetime.isStopped()) {
            throw new ServerFailedException(
                    "Payara Micro ended by itself with exit code " + exitCode + ", see " + data.log());
        }
    }

    private void welcome(Options options, DataFolder data, List<NewKey> keys, PayaraMicro server)
            throws InterruptedException {
        Welcome welcome = new Welcome(options, data, keys);
        Told told = Told.in(server.newLogLines());
        say(welcome.lines(told, told.store().isPresent() ? Optional.empty() : probe(options)));
        while (told.store().isEmpty()) {
            if (server.endsWithin(STORE_POLL)) {
                return;
            }
            told = Told.in(server.newLogLines());
            if (told.store().isPresent()) {
                say(welcome.back(told));
            }
        }
    }

    private Optional<String> probe(Options options) {
        return options.database()
                .flatMap(database -> database.whyOutOfReach(binaries.resolve("drivers/postgresql.jar")));
    }

    private void say(List<String> lines) {
        lines.forEach(out::println);
        out.flush();
    }

    private PayaraMicro start(Options options, DataFolder data, List<NewKey> keys) throws IOException {
        boolean postgres = options.database().isPresent();
        Path beforeStart = data.temporary().resolve(RunFiles.BEFORE_START);
        Path afterStart = data.temporary().resolve("after-start.asadmin");
        Files.writeString(beforeStart, BootCommands.beforeStart(postgres, data.databaseFromTemporary()));
        Files.writeString(afterStart, BootCommands.afterStart(postgres));
        Map<String, String> environment = new HashMap<>();
        // The default is in the server's working directory, which the next run empties.
        environment.put("TOKENTALLY_SPOOL_DIRECTORY", data.spool().toString());
        if (postgres) {
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

    /**
     * Stops the server when this process is stopped. If that happens before the server starts, the server is not
     * started any more.
     */
    private static final class Lifetime {

        private PayaraMicro server;
        private boolean stopped;

        Lifetime() {
            try {
                Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "the run stops"));
            } catch (IllegalStateException stopping) {
                stopped = true;
            }
        }

        /** Starts the server; returns null if the run has been stopped already. */
        synchronized PayaraMicro started(Start start) throws IOException {
            if (!stopped) {
                server = start.server();
            }
            return server;
        }

        synchronized boolean isStopped() {
            return stopped;
        }

        private synchronized void stop() {
            stopped = true;
            if (server != null) {
                server.stop();
            }
        }
    }

    private interface Start {
        PayaraMicro server() throws IOException;
    }
}
