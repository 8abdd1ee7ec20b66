package dev.tokentally.it;

import java.nio.file.Path;

/** The system properties that the build passes to the tests. */
final class Settings {
    private Settings() {}

    static String text(String key) {
        String value = System.getProperty(key);
        if (value == null) {
            throw new IllegalStateException("No system property " + key + ": these tests are run by mvn verify");
        }
        return value;
    }

    static int port(String name) {
        return Integer.parseInt(text("port." + name));
    }

    /** The directory to which the build has copied the product's archives. */
    static Path productDirectory() {
        return Path.of(text("product.directory"));
    }

    /** The directory in which the tests save pictures of the pages. */
    static Path screenshotsDirectory() {
        return Path.of(text("screenshots.directory"));
    }

    /** Whether the dashboard's files are to be formatted instead of checked. */
    static boolean writesPageFormat() {
        return text("page-format").equals("write");
    }

    /** The directory of the files that configure the server of this run, with its ports in them. */
    static Path configuration() {
        return Path.of(text("configuration.directory"));
    }

    static Path serversDirectory() {
        return Path.of(text("servers.directory"));
    }
}
