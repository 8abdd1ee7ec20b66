package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayaraMicroTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private Path log;
    private int port;
    private URI address;

    @BeforeEach
    void choose() throws IOException {
        log = folder.resolve("server.log");
        Files.writeString(log, "Boot Command set failed in an earlier run\n");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        address = URI.create("http://127.0.0.1:" + port + "/");
    }

    @Test
    @DisplayName(
            "a server that answers as expected is ready, whatever an earlier run logged, and ends when it is stopped")
    void ready() throws IOException, InterruptedException {
        PayaraMicro server = start(port, "hello");
        try {
            assertThatCode(() -> server.awaitAnswer(address, 401, PATIENCE)).doesNotThrowAnyException();
        } finally {
            server.stop();
        }

        assertThat(server.waitFor()).isNotZero();
    }

    @Test
    @DisplayName(
            "a server that refused a boot command is stopped although it answers, since it would run with defaults")
    void refusedCommand() throws IOException {
        PayaraMicro server = start(port, "Boot Command set failed PlainTextActionReporterFAILURE");

        assertThatThrownBy(() -> server.awaitAnswer(address, 401, PATIENCE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("refused a command at its start: Boot Command set failed");
    }

    @Test
    @DisplayName("a server that ends is reported with its exit code and the end of its own log")
    void ended() throws IOException {
        PayaraMicro server = start(0, "no memory");

        assertThatThrownBy(() -> server.awaitAnswer(address, 401, PATIENCE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("ended with exit code 3", log.toString(), "no memory")
                .hasMessageNotContaining("earlier run");
    }

    @Test
    @DisplayName("a server with an unexpected answer is not ready, and the answer is reported")
    void anotherAnswer() throws IOException {
        PayaraMicro server = start(port, "hello");

        assertThatThrownBy(() -> server.awaitAnswer(address, 200, Duration.ofSeconds(3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("did not become ready within 3 s (HTTP status 401)");
    }

    @Test
    @DisplayName("a failed deployment is reported with its causes, without waiting")
    void failedDeployment() throws IOException {
        PayaraMicro server =
                start(port, "Exception\n\tat some.Frame\nCaused by: the key is wrong\nPayara Micro ready in 1 (ms)");

        assertThatThrownBy(() -> server.awaitAnswer(address, 200, Duration.ofHours(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has started, but what it should run has not (HTTP status 401)")
                .hasMessageEndingWith(":\nCaused by: the key is wrong");
    }

    @Test
    @DisplayName("a failed deployment without a cause is reported with the warnings that it has left")
    void failedWithoutACause() throws IOException {
        String banner = "GET /api\n".repeat(100);
        PayaraMicro server = start(port, "SEVERE nothing is deployed\n" + banner + "Payara Micro ready in 1 (ms)");

        assertThatThrownBy(() -> server.awaitAnswer(address, 200, Duration.ofHours(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith(":\nSEVERE nothing is deployed");
    }

    @Test
    @DisplayName("the lines of the log come once each, also after somebody has emptied the log")
    void emptiedLog() throws IOException, InterruptedException {
        PayaraMicro server = start(port, "hello");
        try {
            server.awaitAnswer(address, 401, PATIENCE);
            assertThat(server.newLogLines()).containsExactly("hello");
            assertThat(server.newLogLines()).isEmpty();

            Files.writeString(log, "");
            assertThat(server.newLogLines()).isEmpty();
            Files.writeString(log, "after that\n", StandardOpenOption.APPEND);
            assertThat(server.newLogLines()).containsExactly("after that");
        } finally {
            server.stop();
        }
    }

    @Test
    @DisplayName("a log of more than 2 GiB does not stop a server from starting")
    void largeLog() throws IOException, InterruptedException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(3L * 1024 * 1024 * 1024);
        }
        PayaraMicro server = start(port, "hello");
        try {
            server.awaitAnswer(address, 401, PATIENCE);
            assertThat(server.newLogLines()).containsExactly("hello");
        } finally {
            server.stop();
        }
    }

    private PayaraMicro start(int port, String line) throws IOException {
        Path temporary = Files.createDirectories(folder.resolve("a b=c"));
        return PayaraMicro.start(
                FakeServer.jarIn(folder), List.of(Integer.toString(port), line), Map.of(), temporary, log);
    }
}
