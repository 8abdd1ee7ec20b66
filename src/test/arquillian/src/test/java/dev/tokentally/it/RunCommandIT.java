package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests what only a real Maven can show. The unit tests of the run command test the rest. */
@OnOneServer
@DisplayName("The README's run command")
class RunCommandIT {

    @Test
    @DisplayName("says what is wrong before anything is compiled, and Maven adds nothing to it")
    void faults() throws Exception {
        Path folder = Files.createDirectories(TestServer.current().directory().resolve("run-command"));
        Path data = Files.writeString(folder.resolve("data"), "a file");
        Path log = folder.resolve("command.log");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String command =
                    Document.of("README.md").section("Run it").commands().get(0)
                            + " -Dtokentally.port=" + taken.getLocalPort()
                            + " -Dtokentally.data=" + data
                            + " " + String.join(" ", TypedProject.options(Path.of(Settings.text("maven.repository"))));

            // PostgreSQL's driver would log the wrong port.
            Map<String, String> environment = Map.of(
                    "TOKENTALLY_DB_URL", "jdbc:postgresql://127.0.0.1:secret/usage",
                    "TOKENTALLY_DB_USER", "me",
                    "TOKENTALLY_DB_PASSWORD", "secret");

            int exitCode =
                    TypedProject.ofThisBuild().start(command, environment, log).waitFor();

            List<String> lines = Files.readAllLines(log).stream()
                    .map(line -> line.replaceAll("\u001b\\[[0-9;]*m", ""))
                    .filter(line -> !line.isBlank())
                    .toList();
            assertThat(lines)
                    .endsWith(
                            "Port " + taken.getLocalPort()
                                    + " is in use: stop what uses it, or choose another with -Dtokentally.port=N",
                            "The data folder " + data
                                    + " cannot be used: it is a file and not a folder. Put that right, or"
                                    + " choose another folder with -Dtokentally.data=FOLDER",
                            "TOKENTALLY_DB_URL cannot be read by PostgreSQL's driver: allowed is"
                                    + " jdbc:postgresql://HOST:PORT/DATABASE")
                    .noneMatch(line -> line.contains("[ERROR]")
                            || line.contains("maven-compiler-plugin")
                            || line.contains("secret"));
            assertThat(exitCode).isEqualTo(1);
        }
    }
}
