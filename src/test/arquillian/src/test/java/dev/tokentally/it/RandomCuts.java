package dev.tokentally.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A TCP proxy that, while it is told to, cuts connections by chance: before it passes on what the client sends, or after
 * that and before the answer. A commit is cut as often as any other statement.
 */
final class RandomCuts implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong cuts = new AtomicLong();
    private volatile double chance;

    RandomCuts(int port, int target) throws IOException {
        this.listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        this.target = target;
        start(this::accept);
    }

    /** From now on each request is cut with this chance, from 0 to 1. */
    void cut(double newChance) {
        chance = newChance;
    }

    long cuts() {
        return cuts.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                sockets.add(client);
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(server);
                start(() -> pass(client, server, true));
                start(() -> pass(server, client, false));
            } catch (IOException noServer) {
                closeAll();
            }
        }
    }

    private void pass(Socket from, Socket to, boolean isRequest) {
        byte[] bytes = new byte[65536];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                boolean isCut = isRequest && ThreadLocalRandom.current().nextDouble() < chance;
                if (isCut) {
                    cuts.incrementAndGet();
                    if (ThreadLocalRandom.current().nextBoolean()) {
                        return;
                    }
                    // The answer has nobody any more whom it could be passed to.
                    from.close();
                }
                out.write(bytes, 0, read);
                out.flush();
                if (isCut) {
                    Thread.sleep(20);
                    return;
                }
            }
        } catch (IOException | InterruptedException closed) {
            // As it should be when the other side is gone.
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "random cuts");
        thread.setDaemon(true);
        thread.start();
    }

    private void closeAll() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException gone) {
                // It is closed.
            }
        }
        sockets.clear();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        closeAll();
    }
}
