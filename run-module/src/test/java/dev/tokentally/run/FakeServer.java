package dev.tokentally.run;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Stands for Payara Micro: {@code --nohazelcast PORT LINE} logs the line and answers 401, without a port it ends. */
final class FakeServer {

    private FakeServer() {}

    public static void main(String[] arguments) throws IOException {
        System.out.println(arguments[2]);
        int port = Integer.parseInt(arguments[1]);
        if (port == 0) {
            System.exit(3);
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });
        server.start();
    }
}
