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
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy before PostgreSQL that closes connections at commit: of transactions in which the client has sent a text, the
 * first so many lose their connection, before the commit is passed on or after it was, in place of its answer.
 */
final class CuttingProxy implements AutoCloseable {

    /** Where the commit is when the connection is cut. */
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

    CuttingProxy(int port, int target) throws IOException {
        this.listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        this.target = target;
        new Thread(this::accept, "proxy").start();
    }

    /** From now on: the next so many commits of transactions that send the text. */
    void cut(Cut where, String text, int times) {
        trigger = text.getBytes(StandardCharsets.UTF_8);
        cut = where;
        cuts.set(0);
        left.set(times);
    }

    /** How many connections were cut since. */
    int cuts() {
        return cuts.get();
    }

    private void accept() {
        try {
            while (true) {
                Connection connection =
                        new Connection(listener.accept(), new Socket(InetAddress.getLoopbackAddress(), target));
                new Thread(connection::toServer, "proxy to server").start();
                new Thread(connection::toClient, "proxy to client").start();
            }
        } catch (IOException closed) {
            // By close(), or by a server that is not there.
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

        /** How the driver prepares it; in front of it stands the name that later commits are sent by. */
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
            sockets.add(client);
            sockets.add(server);
        }

        void toServer() {
            byte[] bytes = new byte[65536];
            try (client;
                    server) {
                InputStream in = client.getInputStream();
                OutputStream out = server.getOutputStream();
                for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                    if (isCommit(bytes, read)) {
                        if (hasSentTheText && left.getAndDecrement() > 0) {
                            if (cut == Cut.BEFORE_COMMIT) {
                                cuts.incrementAndGet();
                                return;
                            }
                            answerIsKept = true;
                        }
                        hasSentTheText = false;
                    } else if (left.get() > 0 && indexOf(trigger, bytes, read) >= 0) {
                        hasSentTheText = true;
                    }
                    out.write(bytes, 0, read);
                    out.flush();
                }
            } catch (IOException closed) {
                // As it should be when the other side is gone.
            }
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
                // As it should be when the other side is gone.
            }
        }
    }
}
