package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import dev.tokentally.persistence.RealStores;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnOneJdk
@DisplayName("A connection that is too slow for a whole batch")
class SlowLinkTest {

    private static final int RECORDS = Drainer.BATCH;
    private static final int BYTES_PER_SECOND = 60_000;

    @TempDir
    Path directory;

    @Test
    @DisplayName("takes all records of the spool, although the driver's socketTimeout ends the wait for the batch")
    void slowLink() throws IOException {
        RealStores postgres = RealStores.of("POSTGRESQL");
        try (Spool spool = Spool.open(new SpoolOptions(directory, 1 << 24, false))) {
            for (int i = 0; i < RECORDS; i++) {
                spool.append(Calls.ok("acme", Instant.now()));
            }
        }
        try (SlowProxy proxy = new SlowProxy(postgres.port())) {
            SpooledRecorder recorder =
                    Recorders.of(postgres.through(proxy.port(), 1).repository(), Map.of());
            recorder.open(directory);

            recorder.start(Recorders::daemon);

            Recorders.await(() -> recorder.status().waiting() == 0);
            recorder.stop();
        }
        assertThat(postgres.count("select count(*) from llm_calls")).isEqualTo(RECORDS);
    }

    /** A TCP proxy in front of PostgreSQL that passes requests on slowly, and answers at once. */
    private static final class SlowProxy implements AutoCloseable {

        private static final int CHUNK = 3000;

        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final int target;

        SlowProxy(int target) throws IOException {
            this.target = target;
            Recorders.daemon(this::accept).start();
        }

        int port() {
            return listener.getLocalPort();
        }

        private void accept() {
            try {
                while (true) {
                    Socket client = listener.accept();
                    Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                    sockets.addAll(List.of(client, server));
                    Recorders.daemon(() -> pass(client, server, BYTES_PER_SECOND))
                            .start();
                    Recorders.daemon(() -> pass(server, client, Integer.MAX_VALUE))
                            .start();
                }
            } catch (IOException closed) {
                // The test is over.
            }
        }

        private static void pass(Socket from, Socket to, int bytesPerSecond) {
            byte[] chunk = new byte[CHUNK];
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                    Thread.sleep(1000L * read / bytesPerSecond);
                    out.write(chunk, 0, read);
                }
            } catch (IOException closed) {
                // One side has closed its connection, so the other one is closed, too.
            } catch (InterruptedException e) {
                throw new UncheckedIOException(new IOException(e));
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
