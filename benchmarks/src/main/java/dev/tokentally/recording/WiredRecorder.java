package dev.tokentally.recording;

import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.UsageRepository;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * The real recorder, wired as CDI does it on a server, with every setting at its default but the mode. In this package since
 * its parts are nobody else's business.
 */
public final class WiredRecorder {

    private WiredRecorder() {}

    /**
     * Starts one, with its drainer.
     *
     * @param mode as in {@code tokentally.recording.mode}
     * @param store where records go in the end
     * @param spool the directory of its spool
     * @return the recorder; to be stopped
     */
    public static UsageRecorder start(String mode, UsageRepository store, Path spool) {
        Settings settings = settings(Map.of(Setting.RECORDING_MODE.key(), mode));
        UsageRecorder recorder = new UsageRecorder(
                settings, store, new RetriedAttempts(), new GuardedAttempts(), new OutsideTransactions());
        recorder.open(spool);
        recorder.start(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        return recorder;
    }

    /**
     * Stops it.
     *
     * @param recorder which
     */
    public static void stop(UsageRecorder recorder) {
        recorder.stop();
    }

    /**
     * Settings without a server.
     *
     * @param values what is configured, by key
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

    private static final class OutsideTransactions extends CallersTransaction {

        @Override
        boolean isActive() {
            return false;
        }
    }
}
