package dev.tokentally.run;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/**
 * Checks what must be right before a run starts. The build makes these checks too, before it compiles anything, so that
 * nobody waits for the build to see a mistake.
 */
public final class Checks {

    private Checks() {}

    /**
     * Makes the checks. If something is wrong, it prints that and ends the process, so that nothing of Maven's follows.
     *
     * @param arguments the folder for the data
     */
    public static void main(String[] arguments) {
        try {
            Options options = passed(System.getProperties(), System.getenv(), Path.of(arguments[0]));
            options.database()
                    .flatMap(Postgres::whyOutOfReach)
                    .ifPresent(why -> System.out.println("PostgreSQL (" + Options.DB_URL + ") is out of reach: " + why
                            + "\nThe run starts all the same: records wait in its spool until PostgreSQL is back."));
            System.out.flush();
        } catch (InvalidOptionException fault) {
            Main.end(System.out, fault.getMessage());
        }
    }

    /**
     * Makes the checks.
     *
     * @throws InvalidOptionException when something is wrong; the message has a line for each fault
     */
    static Options passed(Properties system, Map<String, String> environment, Path dataFolder) {
        Faults faults = new Faults();
        Options options = faults.in(() -> Options.of(system, environment), null);
        if (options != null) {
            faults.in(() -> mustBeFree(options.port()));
            faults.in(() -> DataFolder.check(options.data().orElse(dataFolder)));
            faults.in(() -> options.database().ifPresent(Postgres::mustBeReadable));
        }
        faults.refuse();
        return options;
    }

    private static void mustBeFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
        } catch (BindException e) {
            String why = String.valueOf(e.getMessage());
            throw new InvalidOptionException(
                    why.startsWith("Permission denied")
                            ? "Port " + port + " may not be used by this user: choose one from 1024 on with -D"
                                    + Options.PORT + "=N"
                            : "Port " + port + " is in use: stop what uses it, or choose another with -D" + Options.PORT
                                    + "=N");
        } catch (IOException e) {
            throw new InvalidOptionException("Port " + port + " cannot be used (" + e.getMessage()
                    + "): choose another with -D" + Options.PORT + "=N");
        }
    }
}
