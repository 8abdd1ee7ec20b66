package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The run command, in a process of its own, with a server that only answers and logs")
class MainTest {

    private static final Map<String, String> POSTGRES = Map.of(
            "TOKENTALLY_DB_URL", "jdbc:postgresql://127.0.0.1:1/usage?password=hidden",
            "TOKENTALLY_DB_USER", "me",
            "TOKENTALLY_DB_PASSWORD", "hidden");

    @TempDir
    private Path folder;

    private int port;
    private Path data;
    private Process run;

    @BeforeEach
    void choose() throws IOException {
        FakeServer.jarIn(folder);
        data = folder.resolve("my data");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        if (run != null) {
            List<ProcessHandle> server = run.descendants().toList();
            run.destroyForcibly().waitFor();
            server.forEach(process -> process.onExit().join());
        }
    }

    @Test
    @DisplayName("sums up what is true: the store, where records are, the mode, keys, URLs and the first warning")
    void summary() throws IOException {
        start(
                "Main",
                Map.of(
                        FakeServer.LOGS,
                        String.join(
                                "\n",
                                ToldTest.line(
                                        "config.UnreadKeys", "WARNING", 900, "Nothing reads TOKENTALLY_PRICE_FILE"),
                                ToldTest.RECORDED.replace("PostgreSQL 18.4", "H2 2.2"),
                                ToldTest.MODE)));

        assertThat(linesUntil("Ctrl-C stops it."))
                .contains(
                        "Tokentally is ready.",
                        "  Dashboard  http://127.0.0.1:" + port + "/tokentally/",
                        "  API        http://127.0.0.1:" + port + "/tokentally/api/v1",
                        "  Store      H2 2.2, reachable",
                        "  Records    in " + data.resolve("tokentally.mv.db"),
                        "  Recording  write-behind; the spool is " + data.resolve("spool"),
                        "  API keys   2 new ones, of this run alone: tenant demo, and admin",
                        "  Log        " + data.resolve("server.log"),
                        "  Warnings   1, see the log. The first: Nothing reads TOKENTALLY_PRICE_FILE")
                .anyMatch(line -> line.contains("The data folder is in the temporary directory"))
                .noneMatch(line -> line.contains("Other users"));
    }

    @Test
    @DisplayName("leaves the rights of an empty folder as they are, and warns if others can read it")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void openFolder() throws IOException {
        Files.createDirectory(data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
        start("Main", Map.of(FakeServer.LOGS, ToldTest.RECORDED));

        assertThat(linesUntil("Ctrl-C stops it."))
                .contains("  Warning    Other users of this machine can read the data folder. To keep it private, run:"
                        + " chmod 700 \"" + data + "\"");
    }

    @Test
    @DisplayName("says that the store is out of reach and why, and when it is back, and shows no secret")
    void outOfReach() throws IOException {
        Map<String, String> environment = new HashMap<>(POSTGRES);
        environment.put("TOKENTALLY_API_KEYS", new NewKey("demo", "tenant", "hidden").entry());
        environment.put(FakeServer.LOGS, ToldTest.OUT_OF_REACH + "\n" + ToldTest.MODE);
        start("Main", environment);

        List<String> lines = linesUntil("Ctrl-C stops it.");
        assertThat(lines)
                .contains(
                        "Tokentally has started, but its store is out of reach.",
                        "  Records    wait in the spool until the store is back; nothing is stored yet",
                        "  API keys   1 of TOKENTALLY_API_KEYS")
                .anyMatch(line -> line.startsWith("  Store      PostgreSQL (TOKENTALLY_DB_URL), OUT OF REACH: "))
                .noneMatch(line -> line.contains("is ready")
                        || line.contains("Warnings")
                        || line.contains("hidden")
                        || line.contains("2bb80d537"));

        Files.writeString(data.resolve("server.log"), ToldTest.RECORDED + "\n", StandardOpenOption.APPEND);

        assertThat(linesUntil("The store is reachable now"))
                .last()
                .isEqualTo("The store is reachable now: PostgreSQL 18.4, reachable. Records are kept in PostgreSQL, as"
                        + " TOKENTALLY_DB_URL says; those that waited in the spool follow.");
    }

    @Test
    @DisplayName("ends with a message about the mistake and nothing more, and starts no server")
    void faults() throws IOException, InterruptedException {
        Files.createFile(data);
        for (String command : List.of("Main", "Checks")) {
            try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                start(command, Map.of());
                List<String> lines = linesUntil(null);

                assertThat(lines)
                        .containsExactly(
                                "",
                                "Port " + port + " is in use: stop what uses it, or choose another with"
                                        + " -Dtokentally.port=N",
                                "The data folder " + data
                                        + " cannot be used: it is a file and not a folder. Put that right,"
                                        + " or choose another folder with -Dtokentally.data=FOLDER");
                assertThat(run.waitFor()).isEqualTo(1);
            }
        }
    }

    @Test
    @DisplayName("cannot use the data folder of another run, even with another port")
    void second() throws IOException, InterruptedException {
        Files.createDirectory(data);
        try (FileChannel other =
                FileChannel.open(data.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            other.lock();
            start("Checks", Map.of());

            assertThat(linesUntil(null)).last().asString().startsWith("Another run uses " + data);
            assertThat(run.waitFor()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("says before the build that the database is out of reach, and goes on")
    void databaseDown() throws IOException, InterruptedException {
        start("Checks", POSTGRES);

        assertThat(linesUntil(null))
                .hasSize(2)
                .noneMatch(line -> line.contains("hidden"))
                .first()
                .asString()
                .startsWith("PostgreSQL (TOKENTALLY_DB_URL) is out of reach: ")
                .contains("127.0.0.1:1 refused");
        assertThat(run.waitFor()).isZero();
    }

    @Test
    @DisplayName("ends quietly when it is stopped while the server starts, stops the server too and frees the folder")
    void stoppedEarly() throws IOException, InterruptedException {
        start("Main", Map.of(FakeServer.LOGS, "starting", FakeServer.NEVER_ANSWERS, "true"));
        linesUntil("Starting Payara Micro");
        List<ProcessHandle> server = new ArrayList<>();
        while (server.isEmpty()) {
            run.children().forEach(server::add);
        }

        // The handle ends the process. Its own method would also close the stream that is read below.
        run.toHandle().destroy();

        assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(linesUntil(null)).isEmpty();
        server.forEach(
                process -> process.onExit().orTimeout(30, TimeUnit.SECONDS).join());
        DataFolder.check(data);
    }

    @RepeatedTest(5)
    @DisplayName("ends quietly when it is stopped before it has a server")
    void stoppedAtOnce() throws IOException, InterruptedException {
        start("Main", Map.of(FakeServer.LOGS, "starting", FakeServer.NEVER_ANSWERS, "true"));
        linesUntil("Starting Payara Micro");

        run.toHandle().destroy();

        assertThat(linesUntil(null)).isEmpty();
        assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
        DataFolder.check(data);
    }

    @Test
    @DisplayName("reports a server that ends by itself, with its exit code and its log")
    void ended() throws IOException, InterruptedException {
        Files.delete(folder.resolve("payara-micro.jar"));
        start("Main", Map.of());

        assertThat(linesUntil(null))
                .anyMatch(line -> line.startsWith("Payara Micro ended with exit code 1"))
                .last()
                .isEqualTo("Payara Micro did not start, see " + data.resolve("server.log"));
        assertThat(run.waitFor()).isEqualTo(1);
    }

    private void start(String command, Map<String, String> environment) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dtokentally.port=" + port,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tokentally.run." + command));
        if (command.equals("Main")) {
            line.add(folder.toString());
        }
        line.add(data.toString());
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("TOKENTALLY_"));
        builder.environment().putAll(environment);
        run = builder.start();
    }

    /** The output up to a line with this beginning, or to the end. */
    private List<String> linesUntil(String beginning) throws IOException {
        List<String> lines = new ArrayList<>();
        BufferedReader out = run.inputReader();
        String line = out.readLine();
        while (line != null) {
            lines.add(line);
            if (beginning != null && line.startsWith(beginning)) {
                return lines;
            }
            line = out.readLine();
        }
        if (beginning != null) {
            throw new AssertionError("No line \"" + beginning + "\" in " + lines);
        }
        return lines;
    }
}
