package dev.tokentally.langchain4j;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * What an application tells langchain4j-cdi about listeners. Its prefix has changed with 1.0.0, and a line with the other
 * one is read by nobody: the model then works, and its calls have no rows.
 */
final class PluginSettings {

    private static final List<String> PREFIXES = List.of("dev.langchain4j.cdi.plugin.", "dev.langchain4j.plugin.");
    private static final String LISTENERS = ".config.listeners";

    private PluginSettings() {}

    /** The names of all that is set. */
    static Set<String> names() {
        Config config = ConfigProvider.getConfig();
        Set<String> names = new TreeSet<>();
        config.getPropertyNames().forEach(names::add);
        return names;
    }

    /**
     * Lines about listeners that nobody reads.
     *
     * @param names of settings, those of others among them
     * @return what is wrong with each, in order
     */
    static List<String> unread(Collection<String> names) {
        return PREFIXES.stream()
                .flatMap(prefix -> names.stream()
                        .filter(name -> name.startsWith(prefix) && name.endsWith(LISTENERS))
                        .filter(name -> name.length() > prefix.length() + LISTENERS.length())
                        .map(name -> name.substring(prefix.length(), name.length() - LISTENERS.length()))
                        .filter(model -> !names.contains(prefix + model + ".class"))
                        .map(model -> wrong(prefix, model, names)))
                .collect(Collectors.toList());
    }

    private static String wrong(String prefix, String model, Collection<String> names) {
        String line = prefix + model + LISTENERS;
        return PREFIXES.stream()
                .filter(other -> names.contains(other + model + ".class"))
                .findFirst()
                .map(other ->
                        "langchain4j-cdi does not read " + line + ", as the model has another prefix, and its calls"
                                + " are not recorded: set " + other + model + LISTENERS)
                .orElse("langchain4j-cdi does not read " + line + ", as there is no " + prefix + model + ".class");
    }
}
