package dev.tokentally.recording;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.config.TemporaryDirectory;
import dev.tokentally.text.OneLine;
import dev.tokentally.text.PathFault;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Properties;

/** The directory of an application's spool: below the configured directory, or where the server keeps files that outlive it. */
final class SpoolHome {

    private static final Logger LOG = QuietLog.of(SpoolHome.class);

    private static final String FOLDER = "tokentally-spool";

    private SpoolHome() {}

    static Path of(Settings settings, String applicationName) {
        Path root =
                settings.spoolDirectory().map(SpoolHome::configured).orElseGet(() -> byDefault(System.getProperties()));
        return root.toAbsolutePath().resolve(folder(applicationName));
    }

    private static Path configured(String directory) {
        try {
            return Path.of(directory);
        } catch (InvalidPathException e) {
            throw new InvalidSettingException(
                    Setting.SPOOL_DIRECTORY.key(),
                    OneLine.of(directory),
                    Setting.SPOOL_DIRECTORY.allowed() + "; this is not a path: " + PathFault.of(e));
        }
    }

    /**
     * WildFly has a data directory, and a Payara domain has a directory of its own. The directory of Payara Micro is temporary and
     * disappears with the process, unless Payara Micro was given a root directory. So there the spool is in the working directory.
     */
    static Path byDefault(Properties system) {
        String wildfly = system.getProperty("jboss.server.data.dir");
        if (wildfly != null) {
            return Path.of(wildfly, FOLDER);
        }
        String payara = system.getProperty("com.sun.aas.instanceRoot");
        String temporary = system.getProperty(TemporaryDirectory.PROPERTY);
        if (payara != null
                && TemporaryDirectory.holding(Path.of(payara), temporary).isEmpty()) {
            return Path.of(payara, FOLDER);
        }
        return Path.of(system.getProperty("user.dir"), FOLDER);
    }

    /** Records wait in the spool until the store takes them, also over a restart. */
    static void warnOfTemporary(Path spool, Properties system) {
        TemporaryDirectory.holding(spool, system.getProperty(TemporaryDirectory.PROPERTY))
                .ifPresent(temporary -> LOG.log(
                        Level.WARNING,
                        "The spool is in the temporary directory: records that wait there for the store are gone as soon as that"
                                + " directory is cleared, as a restart may do. Let " + Setting.SPOOL_DIRECTORY.key()
                                + " name a directory elsewhere. The spool is " + spool + "; the temporary directory ("
                                + TemporaryDirectory.PROPERTY + ") is " + temporary));
    }

    /** The application's name may have characters that a file's name may not have. */
    static String folder(String applicationName) {
        String safe = applicationName.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^\\.+", "_");
        return safe.equals(applicationName) ? safe : safe + "-" + Integer.toHexString(applicationName.hashCode());
    }
}
