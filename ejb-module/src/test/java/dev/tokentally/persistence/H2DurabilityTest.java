package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

@OnOneJdk
class H2DurabilityTest {

    private static final int ENOUGH_CALLS = 200;

    @RepeatedTest(3)
    @DisplayName("a record that an H2 file has acknowledged is there after the process was killed")
    void killed(@TempDir Path folder) throws IOException, InterruptedException, SQLException {
        String url = "jdbc:h2:file:" + folder.resolve("usage");
        Path acknowledgements = folder.resolve("acknowledged");
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // It lives for a few seconds, like the JVMs of the tests.
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        url)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(acknowledgements.toFile())
                .start();
        try {
            while (Files.readAllLines(acknowledgements).size() < ENOUGH_CALLS && writer.isAlive()) {
                Thread.sleep(20);
            }
        } finally {
            writer.destroyForcibly().waitFor();
        }

        // The kill may cut off the last line: an id has 36 characters.
        List<String> acknowledged = Files.readAllLines(acknowledgements).stream()
                .filter(line -> line.length() == 36)
                .toList();
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(ENOUGH_CALLS);
        assertThat(ids(url)).containsAll(acknowledged);
    }

    private static Set<String> ids(String url) throws SQLException {
        Set<String> ids = new HashSet<>();
        try (Connection connection = TestDatabases.h2(url).getConnection();
                ResultSet rows = connection.createStatement().executeQuery("select id from llm_calls")) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        return ids;
    }
}
