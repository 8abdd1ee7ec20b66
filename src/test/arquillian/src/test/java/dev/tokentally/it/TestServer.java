package dev.tokentally.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The server of this run, and its files. */
public enum TestServer {
    PAYARA_MICRO("payara-micro", "Payara Micro", "logs/server.log"),
    PAYARA_SERVER("payara-server", "Payara Server", "tokentally/logs/server.log"),
    WILDFLY("wildfly", "WildFly", "base/log/server.log");

    private final String id;
    private final String title;
    private final String logFile;

    TestServer(String id, String title, String logFile) {
        this.id = id;
        this.title = title;
        this.logFile = logFile;
    }

    /**
     * The server of this run.
     *
     * @throws IllegalStateException if the build names none
     */
    public static TestServer current() {
        String wanted = Settings.text("server");
        for (TestServer server : values()) {
            if (server.id.equals(wanted)) {
                return server;
            }
        }
        throw new IllegalStateException("Unknown server " + wanted);
    }

    /** The name of this server in {@code -Dservers}. */
    public String id() {
        return id;
    }

    /** The name of this server for people. */
    String title() {
        return title;
    }

    /** The other server that has the same code, in another packaging. WildFly has none and returns itself. */
    TestServer otherPayara() {
        return switch (this) {
            case PAYARA_MICRO -> PAYARA_SERVER;
            case PAYARA_SERVER -> PAYARA_MICRO;
            case WILDFLY -> WILDFLY;
        };
    }

    /** Whether it deploys an EAR. Payara Micro takes only a WAR. */
    public boolean takesEar() {
        return this != PAYARA_MICRO;
    }

    /** The directory of this run: log and database files. The next run empties it. */
    public Path directory() {
        return Settings.serversDirectory().resolve(id).resolve("run");
    }

    /** Its {@code java.io.tmpdir}, which the build names. */
    Path temporaryDirectory() {
        return directory().resolve(this == PAYARA_SERVER ? "tokentally/tmp" : "tmp");
    }

    /** The server's own log, of all its starts within this run. */
    public ServerLog log() {
        return new ServerLog(directory().resolve(logFile));
    }

    /** The address of a context root such as {@code /shop}, without a slash at the end. */
    public URI uri(String contextRootAndPath) {
        return URI.create("http://127.0.0.1:" + Settings.port("http") + contextRootAndPath);
    }

    /** The address of its health, or of one kind of it such as {@code /ready}. On WildFly it is on the management port. */
    URI healthUri(String kind) {
        return this == WILDFLY
                ? URI.create("http://127.0.0.1:" + Settings.port("admin") + "/health" + kind)
                : uri("/health" + kind);
    }

    /** The running server process, so that a test can kill it. Empty if none runs. */
    public Optional<ProcessHandle> process() {
        return this == PAYARA_SERVER ? processOfDomain() : processOfAdapter();
    }

    private Optional<ProcessHandle> processOfDomain() {
        Path pid = directory().resolve("tokentally/config/pid");
        if (!Files.exists(pid)) {
            return Optional.empty();
        }
        try {
            return ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<ProcessHandle> processOfAdapter() {
        // WildFly's adapter does not give its process away. The property is one of the first options, because the
        // system may show only the beginning of a command line.
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains("-Dtokentally.server=" + id + " "))
                .findFirst();
    }
}
