package dev.tokentally.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy in front of PostgreSQL that closes connections, either before it passes on a request or after the request, in
 * place of its answer. It does so at commits of transactions in which the client has sent a certain text, or at any request
 * by chance.
 */
final class CuttingProxy implements AutoCloseable {

    /** Where the commit, or any other request, is when the proxy cuts the connection. */
    enum Cut {
        BEFORE_COMMIT,
        AFTER_COMMIT
    }

    private final ServerSocket listener;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger left = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile byte[] trigger = {};
    private volatile Cut cut;
    private volatile double chance;

    CuttingProxy(int port, int target) throws IOException {
        this.listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        this.target = target;
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** From now on, cuts the given number of commits of transactions that send the text. */
    void cut(Cut where, String text, int times) {
        trigger = text.getBytes(StandardCharsets.UTF_8);
        cut = where;
        cuts.set(0);
        left.set(times);
    }

    /** From now on, cuts each request with this chance, from 0 to 1. A commit is cut as often as any other request. */
    void cut(double newChance) {
        chance = newChance;
    }

    /** The number of connections that were cut since the last call of {@link #cut(Cut, String, int)}. */
    int cuts() {
        return cuts.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                sockets.add(client);
                try {
                    Connection connection =
                            new Connection(client, new Socket(InetAddress.getLoopbackAddress(), target));
                    start(connection::toServer);
                    start(connection::toClient);
                } catch (IOException noServer) {
                    client.close();
                }
            } catch (IOException closed) {
                // By close().
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private static int indexOf(byte[] part, byte[] bytes, int length) {
        for (int at = 0; at + part.length <= length; at++) {
            int same = 0;
            while (same < part.length && bytes[at + same] == part[same]) {
                same++;
            }
            if (same == part.length) {
                return at;
            }
        }
        return -1;
    }

    private final class Connection {

        /** The bytes by which the driver prepares a commit. Before them is the name by which it sends later commits. */
        private static final byte[] COMMIT = {0, 'C', 'O', 'M', 'M', 'I', 'T', 0};

        private final Socket client;
        private final Socket server;
        /** Binds the prepared commit to the portal without a name. */
        private byte[] boundCommit = COMMIT;

        private boolean hasSentTheText;
        private volatile boolean answerIsKept;

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
            sockets.add(server);
        }

        void toServer() {
            byte[] bytes = new byte[65536];
            try (client;
                    server) {
                InputStream in = client.getInputStream();
                OutputStream out = server.getOutputStream();
                for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                    Cut here = cutOf(bytes, read);
                    if (here == Cut.BEFORE_COMMIT) {
                        cuts.incrementAndGet();
                        return;
                    }
                    answerIsKept |= here == Cut.AFTER_COMMIT;
                    out.write(bytes, 0, read);
                    out.flush();
                }
            } catch (IOException closed) {
                // This is right: the other side is gone.
            }
        }

        /** Returns where this request is cut, or null if it is not. */
        private Cut cutOf(byte[] bytes, int length) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            if (random.nextDouble() < chance) {
                return random.nextBoolean() ? Cut.BEFORE_COMMIT : Cut.AFTER_COMMIT;
            }
            if (isCommit(bytes, length)) {
                boolean isCut = hasSentTheText && left.getAndDecrement() > 0;
                hasSentTheText = false;
                return isCut ? cut : null;
            }
            if (left.get() > 0 && indexOf(trigger, bytes, length) >= 0) {
                hasSentTheText = true;
            }
            return null;
        }

        private boolean isCommit(byte[] bytes, int length) {
            int at = indexOf(COMMIT, bytes, length);
            if (at < 0) {
                return boundCommit != COMMIT && indexOf(boundCommit, bytes, length) >= 0;
            }
            int from = at;
            while (from > 0 && bytes[from - 1] > ' ') {
                from--;
            }
            if (from < at) {
                boundCommit = new byte[at - from + 2];
                System.arraycopy(bytes, from, boundCommit, 1, at - from);
            }
            return true;
        }

        void toClient() {
            byte[] bytes = new byte[65536];
            try (client;
                    server) {
                InputStream in = server.getInputStream();
                OutputStream out = client.getOutputStream();
                for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                    if (answerIsKept) {
                        cuts.incrementAndGet();
                        return;
                    }
                    out.write(bytes, 0, read);
                    out.flush();
                }
            } catch (IOException closed) {
                // This is right: the other side is gone.
            }
        }
    }
}
