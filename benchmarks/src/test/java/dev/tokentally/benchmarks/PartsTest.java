package dev.tokentally.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The table of all parts")
class PartsTest {

    @TempDir
    Path directory;

    @Test
    @DisplayName("has the rows in the order of the files' numbers, whatever server or module they come from")
    void ordered() throws IOException {
        write("servers/one/30-drain.md", "| d1 |\n");
        write("servers/two/10-calls.md", "| c2 |\n");
        write("servers/one/10-calls.md", "| c1 |\nno row\n| c1 more |\n");
        write("own/20-jmh.md", "| j |\n");
        write("own/table.md", "| an earlier table |\n");

        assertThat(table()).isEqualTo(Row.HEADER + "| c1 |\n| c1 more |\n| c2 |\n| j |\n| d1 |\n");
    }

    @Test
    @DisplayName("names the missing parts")
    void missing() throws IOException {
        write("servers/one/10-calls.md", "");

        assertThat(table())
                .contains(
                        "**Missing: everything that JMH measures.**",
                        "**Missing: everything that is measured on two.**",
                        "**Missing: `one/10-calls.md`, which measured nothing.**");
    }

    @Test
    @DisplayName("names the parts that come from an earlier run")
    void earlier() throws IOException {
        write("servers/one/10-calls.md", "| c |\n");
        write("servers/two/10-calls.md", "| c |\n");
        write("own/20-jmh.md", "| j |\n");
        Files.setLastModifiedTime(
                directory.resolve("servers/two/10-calls.md"), FileTime.from(Instant.parse("2026-11-20T08:15:30Z")));

        assertThat(table())
                .endsWith("\n**Of an earlier run (2026-11-20 08:15 UTC): `two/10-calls.md`.**\n")
                .doesNotContain("`one/10-calls.md`", "Missing");
    }

    private String table() throws IOException {
        return new Parts(directory.resolve("servers"), List.of("one", "two"), directory.resolve("own")).table();
    }

    private void write(String file, String text) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
