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

/**
 * A TCP proxy that cuts a connection between a commit and its answer: once what the client sends holds a text, the
 * server's answer is awaited, and the connection is closed instead of passing it on.
 */
final class CuttingProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final byte[] trigger;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean cut;

    CuttingProxy(int port, int target, String trigger) throws IOException {
        this.listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        this.target = target;
        this.trigger = trigger.getBytes(StandardCharsets.UTF_8);
        new Thread(this::accept, "proxy").start();
    }

    boolean hasCut() {
        return cut;
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

    private static boolean contains(byte[] bytes, int length, byte[] part) {
        for (int at = 0; at + part.length <= length; at++) {
            int same = 0;
            while (same < part.length && bytes[at + same] == part[same]) {
                same++;
            }
            if (same == part.length) {
                return true;
            }
        }
        return false;
    }

    private final class Connection {

        private final Socket client;
        private final Socket server;
        private volatile boolean armed;

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
            sockets.add(client);
            sockets.add(server);
        }

        void toServer() {
            pass(client, server, true);
        }

        void toClient() {
            pass(server, client, false);
        }

        private void pass(Socket from, Socket to, boolean mayArm) {
            byte[] bytes = new byte[65536];
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                    if (mayArm && !cut && contains(bytes, read, trigger)) {
                        armed = true;
                    }
                    if (!mayArm && armed) {
                        cut = true;
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
