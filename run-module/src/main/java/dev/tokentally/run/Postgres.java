package dev.tokentally.run;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The PostgreSQL of a run. Its toString shows no value, and no message quotes the password or the URL, which may
 * contain a password.
 *
 * @param url the JDBC URL
 * @param user the user's name
 * @param password the user's
 */
record Postgres(String url, String user, String password) {

    static final String ALLOWED_URL = "jdbc:postgresql://HOST:PORT/DATABASE";

    private static final String DRIVER = "org.postgresql.Driver";
    private static final String PATIENCE_SECONDS = "5";

    /** The driver logs parts of a URL that it cannot read, in which the password may be. */
    private static final Logger LOG_OF_DRIVER = Logger.getLogger("org.postgresql");

    static {
        LOG_OF_DRIVER.setLevel(Level.OFF);
    }

    /**
     * Refuses a URL that PostgreSQL's driver cannot read. Accepts every URL if this process has no driver.
     *
     * @throws InvalidOptionException when the driver cannot read the URL
     */
    void mustBeReadable() {
        if (!driver(Postgres.class.getClassLoader()).map(this::isReadable).orElse(true)) {
            throw new InvalidOptionException(
                    Options.DB_URL + " cannot be read by PostgreSQL's driver: allowed is " + ALLOWED_URL);
        }
    }

    private boolean isReadable(Driver driver) {
        try {
            return driver.acceptsURL(url);
        } catch (SQLException | RuntimeException notReadable) {
            return false;
        }
    }

    private static Optional<Driver> driver(ClassLoader loader) {
        try {
            return Optional.of((Driver)
                    Class.forName(DRIVER, true, loader).getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException noDriver) {
            return Optional.empty();
        }
    }

    /**
     * Tries to connect, with PostgreSQL's driver in this process.
     *
     * @return why there is no connection; empty if there is one, or if this process has no driver
     */
    Optional<String> whyOutOfReach() {
        return whyOutOfReach(Postgres.class.getClassLoader());
    }

    /** The same with the driver in a jar. */
    Optional<String> whyOutOfReach(Path driverJar) {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {driverJar.toUri().toURL()})) {
            return whyOutOfReach(loader);
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        } catch (IOException notClosed) {
            return Optional.empty();
        }
    }

    private Optional<String> whyOutOfReach(ClassLoader loader) {
        return driver(loader).flatMap(this::whyOutOfReach);
    }

    private Optional<String> whyOutOfReach(Driver driver) {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("loginTimeout", PATIENCE_SECONDS);
        properties.setProperty("connectTimeout", PATIENCE_SECONDS);
        properties.setProperty("socketTimeout", PATIENCE_SECONDS);
        try (Connection connection = driver.connect(url, properties)) {
            return connection == null ? Optional.of("the driver cannot read the URL") : Optional.empty();
        } catch (SQLException refused) {
            return Optional.of(reason(refused));
        } catch (RuntimeException notReadable) {
            return Optional.of("the driver cannot read the URL");
        }
    }

    private String reason(SQLException refused) {
        List<String> said = new ArrayList<>();
        Throwable cause = refused;
        for (int depth = 0; cause != null && depth < 5; depth++) {
            String message = String.valueOf(cause.getMessage());
            // For an unknown host the message of the exception is only the name of the host.
            said.add(cause instanceof UnknownHostException ? "unknown host " + message : message);
            cause = cause.getCause();
        }
        return withoutSecrets(String.join(": ", said.stream().distinct().toList()));
    }

    /** A message about the database as one line, without the password and the URL. */
    String withoutSecrets(String text) {
        String safe = text.replace(url, Options.DB_URL);
        if (!password.isBlank()) {
            safe = safe.replace(password, "***");
        }
        return safe.replaceAll("\\s+", " ").strip();
    }

    @Override
    public String toString() {
        return "PostgreSQL, as " + Options.DB_URL + " says";
    }
}
