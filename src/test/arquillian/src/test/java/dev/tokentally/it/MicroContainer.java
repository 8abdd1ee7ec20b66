package dev.tokentally.it;

import dev.tokentally.run.PayaraMicro;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jboss.arquillian.container.spi.client.container.ContainerConfiguration;
import org.jboss.arquillian.container.spi.client.container.DeployableContainer;
import org.jboss.arquillian.container.spi.client.container.DeploymentException;
import org.jboss.arquillian.container.spi.client.container.LifecycleException;
import org.jboss.arquillian.container.spi.client.protocol.ProtocolDescription;
import org.jboss.arquillian.container.spi.client.protocol.metadata.HTTPContext;
import org.jboss.arquillian.container.spi.client.protocol.metadata.ProtocolMetaData;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.ByteArrayAsset;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.JavaArchive;

/**
 * One Payara Micro for all deployments of a run. Payara's own adapter starts a server for each deployment, which takes twelve
 * seconds of processor time. The tests that deploy at the start of a server do it by {@link OtherNode}.
 */
public final class MicroContainer implements DeployableContainer<MicroContainer.Options> {

    /** For its start, and for the answer to a command. */
    private static final int PATIENCE_MILLIS = 300_000;

    private Options options;
    private PayaraMicro micro;
    private Socket socket;
    private DataInputStream answers;
    private DataOutputStream commands;

    /** What {@code arquillian.xml} says about it. Arquillian calls the setters. */
    public static final class Options implements ContainerConfiguration {

        private String java;
        private String micro;

        /** The options of the JVM, separated by white space. */
        public void setJava(String options) {
            java = options;
        }

        /** The options of Payara Micro, separated by white space. */
        public void setMicro(String options) {
            micro = options;
        }

        @Override
        public void validate() {
            if (java == null || micro == null) {
                throw new IllegalStateException("arquillian.xml lacks a property of payara-micro: java or micro");
            }
        }
    }

    @Override
    public Class<Options> getConfigurationClass() {
        return Options.class;
    }

    @Override
    public ProtocolDescription getDefaultProtocol() {
        // The tests are clients, and no test runs in the server.
        return new ProtocolDescription("Local");
    }

    @Override
    public void setup(Options configured) {
        options = configured;
    }

    @Override
    public void start() throws LifecycleException {
        Path folder = TestServer.PAYARA_MICRO.directory();
        try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port.setSoTimeout(PATIENCE_MILLIS);
            micro = PayaraMicro.start(
                    words(options.java),
                    launcher(folder),
                    words(options.micro),
                    Map.of(MicroMain.PORT, Integer.toString(port.getLocalPort())),
                    folder.resolve("tmp"),
                    folder.resolve("logs/console.log"));
            micro.process().onExit().thenRun(() -> close(port));
            socket = port.accept();
            socket.setSoTimeout(PATIENCE_MILLIS);
            answers = new DataInputStream(socket.getInputStream());
            commands = new DataOutputStream(socket.getOutputStream());
            answers.readBoolean();
        } catch (IOException e) {
            stop();
            throw new LifecycleException("Payara Micro does not start, " + logs() + " say why", e);
        }
    }

    /** A jar with our main class alone. It starts Payara Micro's jar with what the manifest of that jar opens to it. */
    private static Path launcher(Path folder) throws IOException {
        Path microJar = Settings.serversDirectory().resolve("payara-micro/payara-micro.jar");
        Manifest manifest;
        try (JarFile jar = new JarFile(microJar.toFile())) {
            manifest = jar.getManifest();
        }
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, MicroMain.class.getName());
        manifest.getMainAttributes()
                .put(Attributes.Name.CLASS_PATH, microJar.toUri().toString());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        manifest.write(bytes);
        Path launcher = folder.resolve("launcher.jar");
        ShrinkWrap.create(JavaArchive.class)
                .addClass(MicroMain.class)
                .setManifest(new ByteArrayAsset(bytes.toByteArray()))
                .as(ZipExporter.class)
                .exportTo(launcher.toFile(), true);
        return launcher;
    }

    private static String logs() {
        return "the files in " + TestServer.PAYARA_MICRO.directory().resolve("logs");
    }

    private static void close(Closeable socketOrNull) {
        try {
            if (socketOrNull != null) {
                socketOrNull.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        if (micro != null) {
            micro.stop();
        }
        close(socket);
    }

    @Override
    public ProtocolMetaData deploy(Archive<?> archive) throws DeploymentException {
        File war = war(archive);
        war.getParentFile().mkdirs();
        archive.as(ZipExporter.class).exportTo(war, true);
        send("deploy", war);
        return new ProtocolMetaData().addContext(new HTTPContext("127.0.0.1", Settings.port("http")));
    }

    @Override
    public void undeploy(Archive<?> archive) throws DeploymentException {
        send("undeploy", war(archive));
    }

    private static File war(Archive<?> archive) {
        return TestServer.PAYARA_MICRO
                .directory()
                .resolve("wars")
                .resolve(archive.getName())
                .toFile();
    }

    private void send(String command, File war) throws DeploymentException {
        try {
            commands.writeUTF(command);
            commands.writeUTF(war.getPath());
            if (!answers.readBoolean()) {
                throw new DeploymentException(
                        "Payara Micro did not " + command + " " + war + ", " + logs() + " say why");
            }
        } catch (IOException e) {
            throw new DeploymentException(
                    "Payara Micro gave no answer to " + command + " " + war + ", " + logs() + " may say why", e);
        }
    }

    private static List<String> words(String text) {
        return Arrays.asList(text.strip().split("\\s+"));
    }
}
