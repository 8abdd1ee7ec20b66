package dev.tokentally.recording;

import dev.tokentally.config.DeployedApplication;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.UsageRepository;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/** Makes the real recorder without a server, wired as CDI does it on a server. */
public final class Recorders {

    private Recorders() {}

    /**
     * Starts a recorder that records outside of any transaction.
     *
     * @param store where records go in the end
     * @param spool the directory of its spool
     * @return the recorder; to be stopped
     */
    public static UsageRecorder started(UsageRepository store, Path spool) {
        return started(Map.of(), store, spool);
    }

    /**
     * Starts a recorder with settings.
     *
     * @param values the configured values, by key
     * @param store where records go in the end
     * @param spool the directory of its spool
     * @return the recorder; to be stopped
     */
    public static UsageRecorder started(Map<String, String> values, UsageRepository store, Path spool) {
        SpooledRecorder recorder = new SpooledRecorder(
                settings(values),
                store,
                new RetriedAttempts(),
                new GuardedAttempts(),
                new NoTransaction(),
                new DeployedApplication());
        recorder.open(spool);
        recorder.start(Recorders::thread);
        return recorder;
    }

    /**
     * Stops a recorder.
     *
     * @param recorder a recorder that {@link #started} made
     */
    public static void stop(UsageRecorder recorder) {
        ((SpooledRecorder) recorder).stop();
    }

    /**
     * The settings if nothing is configured.
     *
     * @return the settings
     */
    public static Settings defaults() {
        return settings(Map.of());
    }

    /**
     * Settings without a server.
     *
     * @param values the configured values, by key
     * @return the settings; all others are at their defaults
     */
    public static Settings settings(Map<String, String> values) {
        return new Settings((Config) Proxy.newProxyInstance(
                Config.class.getClassLoader(), new Class<?>[] {Config.class}, (config, method, arguments) -> {
                    if (method.getName().equals("getOptionalValue")) {
                        return Optional.ofNullable(values.get((String) arguments[0]));
                    }
                    throw new UnsupportedOperationException(method.getName());
                }));
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "of the module");
        thread.setDaemon(true);
        return thread;
    }

    private static final class NoTransaction extends CallersTransaction {

        @Override
        boolean isActive() {
            return false;
        }
    }
}
