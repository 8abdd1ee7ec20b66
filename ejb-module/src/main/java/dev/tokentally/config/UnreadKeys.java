package dev.tokentally.config;

import dev.tokentally.text.OneLine;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;

/**
 * Finds two mistakes in a configuration that would otherwise stay silent, since the key then has its default: a name that is
 * misspelt, and a value that refers to something that is not set. It logs names and never values.
 */
public final class UnreadKeys {

    private static final Logger LOG = QuietLog.of(UnreadKeys.class);

    private static final String PREFIX = "tokentally.";

    private static final String VARIABLES = "TOKENTALLY_";

    private static final String LIST = ". docs/configuration.md lists the keys that it reads";

    /** A name with at most so many wrong, missing or additional characters is a misspelt one. */
    private static final int SLIPS = 2;

    /** All keys, each by its environment variable. */
    private static final Map<String, String> KEYS = Setting.all().stream()
            .map(Setting::key)
            .collect(Collectors.toMap(UnreadKeys::variable, key -> key, (one, other) -> one, TreeMap::new));

    private UnreadKeys() {}

    /** Writes a WARNING for each mistake. A failure of this check must not stop the deployment. */
    static void tell(Config config) {
        try {
            lines(config).forEach(line -> LOG.log(Level.WARNING, line));
        } catch (RuntimeException notTold) {
            LOG.log(
                    Level.WARNING,
                    "The application starts without the check for misspelt configuration keys, which failed: "
                            + notTold.getClass().getName());
        }
    }

    private static List<String> lines(Config config) {
        List<String> lines = new ArrayList<>(misspelt(
                names(config), System.getenv().keySet(), System.getProperties().stringPropertyNames()));
        Setting.all().stream()
                .map(Setting::key)
                .filter(key -> isUnresolved(config, key))
                .map(key ->
                        "The value of the configuration key " + key + " refers to something that is not set. So the key"
                                + " counts as not set, and its default holds. Set what the value names in ${…}, or give a"
                                + " default there: ${NAME:default}")
                .forEach(lines::add);
        return lines;
    }

    /**
     * Finds names that look like the module's keys, and that no part of the module reads. All applications of a server may share its
     * configuration. So a key of the web module is known everywhere.
     *
     * @param names the names of all configuration keys, including those of other libraries; not null
     * @param variables the names of all environment variables; not null
     * @param properties the names of all system properties; not null
     * @return a message for each such name, in order
     */
    public static List<String> misspelt(
            Collection<String> names, Collection<String> variables, Collection<String> properties) {
        Set<String> ours = variables.stream()
                .map(UnreadKeys::variable)
                .filter(variable -> variable.startsWith(VARIABLES))
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> lines = new ArrayList<>();
        // WildFly lists a variable once more as a key, with dots, even if the key has a hyphen. That is no second
        // mistake.
        names.stream()
                .filter(name -> variable(name).startsWith(VARIABLES))
                .filter(name -> !KEYS.containsValue(name) && !ours.contains(variable(name)))
                .distinct()
                .sorted()
                .flatMap(name -> meant(name)
                        .map(UnreadKeys::question)
                        // A server's own configuration may read a system property with such a name.
                        .or(() -> !hasPrefix(name) || properties.contains(name) ? Optional.empty() : Optional.of(LIST))
                        .map(advice -> notRead("configuration key", name) + advice)
                        .stream())
                .forEach(lines::add);
        // Others have such variables too: the run command, and Kubernetes for each service whose name begins with ours.
        ours.stream()
                .filter(variable -> !KEYS.containsKey(variable))
                .flatMap(variable -> nearest(variable, KEYS.keySet(), false)
                        .map(near -> notRead("environment variable", variable) + question(near))
                        .stream())
                .forEach(lines::add);
        return lines;
    }

    /**
     * Finds the names that are no keys, in a configuration for the module alone.
     *
     * @param names the names of all configuration keys; not null
     * @return a message for each such name, in order
     */
    public static List<String> foreign(Collection<String> names) {
        return names.stream()
                .filter(name -> !KEYS.containsValue(name))
                .distinct()
                .sorted()
                .map(name -> notRead("configuration key", name)
                        + meant(name).map(UnreadKeys::question).orElse(LIST))
                .toList();
    }

    private static String notRead(String what, String name) {
        return "Tokentally does not read the " + what + " " + OneLine.of(name);
    }

    private static String question(String near) {
        return ". Did you mean " + near + "?";
    }

    /** The key for which somebody has probably written the name, perhaps as the key's environment variable. */
    private static Optional<String> meant(String name) {
        return nearest(variable(name), KEYS.keySet(), false)
                .map(KEYS::get)
                .or(() -> nearest(name, KEYS.values(), true));
    }

    /** The known name for which somebody has probably written the other one. */
    private static Optional<String> nearest(String name, Collection<String> known, boolean orPart) {
        return known.stream()
                .filter(right -> slips(right, name) <= SLIPS || orPart && isPart(name, right))
                .min(Comparator.comparingInt(right -> slips(right, name)));
    }

    private static boolean hasPrefix(String name) {
        return name.toLowerCase(Locale.ROOT).startsWith(PREFIX);
    }

    /** Whether the name is a key whose last word was cut, or that lacks its first or last word. */
    private static boolean isPart(String name, String key) {
        String end = hasPrefix(name) ? name.substring(PREFIX.length()) : name;
        return end.contains(".") && key.startsWith(name) || key.startsWith(name + ".") || key.endsWith("." + end);
    }

    /** The environment variable that sets a key, as MicroProfile Config names it. */
    private static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]+", "_").toUpperCase(Locale.ROOT);
    }

    /** The least number of characters to insert, remove or replace in one text to get the other (the Levenshtein distance). */
    private static int slips(String one, String other) {
        int[] row = new int[other.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }

    /** The names in a configuration, without those under which a source finds a key. */
    private static List<String> names(Config config) {
        return StreamSupport.stream(config.getPropertyNames().spliterator(), false)
                .filter(Objects::nonNull)
                .filter(name -> !isFound(config, name, KEYS.get(variable(name))))
                .toList();
    }

    /**
     * Whether a source that has this name, and not the key itself, has a value for the key. SmallRye's source for a folder of files,
     * such as a mounted secret of Kubernetes, looks a key up as its environment variable, too.
     */
    private static boolean isFound(Config config, String name, String key) {
        return key != null
                && !key.equals(name)
                && StreamSupport.stream(config.getConfigSources().spliterator(), false)
                        .anyMatch(source -> source.getPropertyNames().contains(name)
                                && !source.getPropertyNames().contains(key)
                                && source.getValue(key) != null);
    }

    /** A value may also be empty on purpose, as in <code>${NAME:}</code>. */
    private static boolean isUnresolved(Config config, String key) {
        ConfigValue value = config.getConfigValue(key);
        return value != null
                && value.getValue() == null
                && value.getRawValue() != null
                && value.getRawValue().contains("${");
    }
}
