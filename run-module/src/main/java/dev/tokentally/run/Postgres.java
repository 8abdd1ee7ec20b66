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

/**
 * The PostgreSQL of a run. Its toString shows no value, and no message quotes the password or the URL, which may
 * contain a password.
 *
 * @param url the JDBC URL
 * @param user the user's name
 * @param password the user's
 */
record Postgres(String url, String user, String password) {

    private static final String DRIVER = "org.postgresql.Driver";
    private static final String PATIENCE_SECONDS = "5";

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
        Driver driver;
        try {
            driver = (Driver)
                    Class.forName(DRIVER, true, loader).getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException noDriver) {
            return Optional.empty();
        }
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
