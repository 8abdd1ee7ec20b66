package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndsWithParentTest {

    @Test
    @DisplayName("a process with the agent lives exactly as long as its parent holds the pipe")
    void pipe(@TempDir Path folder) throws IOException, InterruptedException {
        Files.writeString(
                folder.resolve("Sleeper.java"),
                "class Sleeper { public static void main(String[] a) throws Exception {"
                        + " System.out.println(\"up\"); Thread.sleep(120_000); } }");
        Process sleeper = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        EndsWithParent.optionFor(folder),
                        "Sleeper.java")
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(sleeper.inputReader().readLine()).isEqualTo("up");
            assertThat(sleeper.waitFor(1, TimeUnit.SECONDS)).isFalse();

            sleeper.getOutputStream().close();

            assertThat(sleeper.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            sleeper.destroyForcibly();
        }
    }
}
