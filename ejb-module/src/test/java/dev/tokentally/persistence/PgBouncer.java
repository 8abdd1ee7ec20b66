package dev.tokentally.persistence;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;

/** A PgBouncer, if it is installed on the machine. */
final class PgBouncer implements AutoCloseable {

    static final String MISSING =
            "Recording through PgBouncer is not tested: it is not installed; on Debian run apt-get install pgbouncer";

    private static final System.Logger LOG = System.getLogger(PgBouncer.class.getName());
    private static final int TRIES = 100;

    private final Process process;
    private final int port;

    private PgBouncer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Says whether the system has it. If not, the log says so, because a report of skipped tests does not. */
    static boolean isInstalled() {
        boolean isInstalled = installed().isPresent();
        if (!isInstalled) {
            LOG.log(System.Logger.Level.WARNING, MISSING);
        }
        return isInstalled;
    }

    private static Optional<Path> installed() {
        return Stream.concat(Stream.of(System.getenv().getOrDefault("PATH", "").split(":")), Stream.of("/usr/sbin"))
                .map(folder -> Path.of(folder, "pgbouncer"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Starts a PgBouncer in front of a database. The settings are lines of its configuration. */
    static PgBouncer before(PGSimpleDataSource database, Path folder, String... settings) throws Exception {
        int port = freePort();
        Path ini = folder.resolve("pgbouncer.ini");
        Files.write(
                ini,
                List.of(
                        "[databases]",
                        "* = host=127.0.0.1 port=" + database.getPortNumbers()[0] + " user=postgres",
                        "[pgbouncer]",
                        "listen_addr = 127.0.0.1",
                        "listen_port = " + port,
                        "auth_type = any",
                        "unix_socket_dir =",
                        "ignore_startup_parameters = extra_float_digits",
                        String.join("\n", settings)));
        List<String> command = new ArrayList<>(List.of(installed().orElseThrow().toString()));
        if (System.getProperty("user.name").equals("root")) {
            // PgBouncer refuses to run as root.
            command.addAll(List.of("-u", "nobody"));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        command.add(ini.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("pgbouncer.log").toFile())
                .start();
        for (int tries = 0; !listens(port); tries++) {
            if (tries == TRIES || !process.isAlive()) {
                process.destroyForcibly();
                throw new IllegalStateException(Files.readString(folder.resolve("pgbouncer.log")));
            }
            Pause.sleep(100);
        }
        return new PgBouncer(process, port);
    }

    /** The database behind PgBouncer. */
    PGSimpleDataSource through(PGSimpleDataSource database) {
        PGSimpleDataSource through = new PGSimpleDataSource();
        through.setPortNumbers(new int[] {port});
        through.setServerNames(new String[] {"127.0.0.1"});
        through.setDatabaseName(database.getDatabaseName());
        through.setUser("postgres");
        through.setPrepareThreshold(0);
        return through;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
