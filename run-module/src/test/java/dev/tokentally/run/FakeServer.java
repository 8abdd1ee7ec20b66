package dev.tokentally.run;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * Stands for Payara Micro. With {@code --nohazelcast PORT LINE} it logs the line and answers 401; without a port it
 * ends. With Payara Micro's own options it logs what the environment tells it to log.
 */
final class FakeServer {

    static final String LOGS = "FAKE_SERVER_LOGS";
    static final String NEVER_ANSWERS = "FAKE_SERVER_NEVER_ANSWERS";

    private FakeServer() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int option = List.of(arguments).indexOf("--port");
        int port = Integer.parseInt(arguments[option < 0 ? 1 : option + 1]);
        System.out.println(option < 0 ? arguments[2] : System.getenv(LOGS));
        if (port == 0) {
            System.exit(3);
        }
        if (System.getenv(NEVER_ANSWERS) != null) {
            Thread.sleep(120_000);
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });
        server.start();
    }

    /** Creates its jar, which has the name of Payara Micro's. */
    static Path jarIn(Path folder) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, FakeServer.class.getName());
        Path jar = folder.resolve("payara-micro.jar");
        String name = FakeServer.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                InputStream code = FakeServer.class.getResourceAsStream("/" + name)) {
            out.putNextEntry(new JarEntry(name));
            code.transferTo(out);
        }
        return jar;
    }
}
