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
 * The PostgreSQL of a run. Its text shows nothing of it, and no message quotes the password or the URL, which may hold one.
 *
 * @param url for JDBC
 * @param user who connects
 * @param password the user's
 */
record Postgres(String url, String user, String password) {

    private static final String DRIVER = "org.postgresql.Driver";
    private static final String PATIENCE_SECONDS = "5";

    /**
     * Tries a connection, by PostgreSQL's driver in this process.
     *
     * @return why there is none; empty when there is one, or when this process has no driver to try it with
     */
    Optional<String> whyOutOfReach() {
        return whyOutOfReach(Postgres.class.getClassLoader());
    }

    /** The same by the driver in a jar. */
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
            // Of an unknown host the exception says nothing but its name.
            said.add(cause instanceof UnknownHostException ? "unknown host " + message : message);
            cause = cause.getCause();
        }
        return withoutSecrets(String.join(": ", said.stream().distinct().toList()));
    }

    /** What somebody else said of the database, as one line that shows neither the password nor the URL. */
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
