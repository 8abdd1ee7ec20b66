package dev.tokentally.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A WildFly beside the server of this run, with the same configuration. */
final class WildFlyNode implements Node {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Process process;
    private final ServerLog log;

    private WildFlyNode(Process process, ServerLog log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it without some subsystems that the server of this run has. */
    static WildFlyNode startWithout(String name, String... subsystems) throws IOException {
        configure(name);
        Path file = base(name).resolve("configuration/standalone.xml");
        String configuration = Files.readString(file);
        for (String subsystem : subsystems) {
            String without = configuration.replaceFirst(
                    "(?s)<subsystem xmlns=\"urn:(jboss:domain|wildfly):" + subsystem + ":[^>]*?(/>|>.*?</subsystem>)",
                    "");
            if (without.equals(configuration)) {
                throw new IllegalStateException("no subsystem " + subsystem + " in " + file);
            }
            configuration = without;
        }
        Files.writeString(file, configuration);
        return start(name);
    }

    /** Starts it with the archives in its {@code deployments} directory. It is not ready when this returns. */
    static WildFlyNode start(String name) throws IOException {
        configure(name);
        Path home = Path.of(Settings.text("wildfly.home"));
        Path base = base(name);
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "--add-modules=java.se",
                        "-Djboss.home.dir=" + home,
                        "-Djboss.server.base.dir=" + base,
                        "-Djboss.http.port=" + Settings.port("other-node"),
                        "-Djboss.https.port=0",
                        "-Djboss.management.http.port=0",
                        "-Dtokentally.port.postgres=" + Settings.port("postgres"),
                        "-Dtokentally.port.refusing=" + Settings.port("refusing"),
                        "-Dtokentally.data=" + base,
                        "-jar",
                        home.resolve("jboss-modules.jar").toString(),
                        "-mp",
                        home.resolve("modules").toString(),
                        "org.jboss.as.standalone"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        base.resolve("console.log").toFile()))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new WildFlyNode(process, new ServerLog(base.resolve("log/server.log")));
    }

    /** The directory of its archives. */
    static Path deployments(String name) throws IOException {
        return Files.createDirectories(base(name).resolve("deployments"));
    }

    private static Path base(String name) {
        return TestServer.current().directory().resolve(name);
    }

    private static void configure(String name) throws IOException {
        copyOnce(
                TestServer.WILDFLY.directory().resolve("base/configuration"),
                base(name).resolve("configuration"));
    }

    private static void copyOnce(Path from, Path to) throws IOException {
        if (Files.exists(to)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file :
                    files.filter(path -> !path.toString().contains("_history")).toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    @Override
    public void awaitAnswer(String path, int status) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!answers(path, status)) {
            if (System.nanoTime() > deadline || !process.isAlive()) {
                throw new AssertionError(path + " does not answer with " + status + ", see " + log.file());
            }
            Thread.sleep(100);
        }
    }

    private boolean answers(String path, int status) {
        try {
            return Http.send(HttpRequest.newBuilder(uri(path))).statusCode() == status;
        } catch (UncheckedIOException notYet) {
            return false;
        }
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
        return new ServerProcess(process.toHandle());
    }

    @Override
    public void stop() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }

    @Override
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
