package dev.tokentally.langchain4j;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * The settings of an application for langchain4j-cdi about listeners. The prefix of langchain4j-cdi changed with 1.0.0. A version
 * ignores settings with the prefix of the other. The model then works, but its calls have no rows.
 */
final class PluginSettings {

    private static final List<String> PREFIXES = List.of("dev.langchain4j.cdi.plugin.", "dev.langchain4j.plugin.");
    private static final String CLASS = ".class";
    private static final String LISTENERS = ".config.listeners";

    /** If a model has this setting, a function of the application makes it, and may ignore the other settings. */
    private static final String PRODUCER = ".defined_bean_producer";

    private PluginSettings() {}

    static String value(String name) {
        return ConfigProvider.getConfig().getOptionalValue(name, String.class).orElse("");
    }

    /** The names of all settings. */
    static Set<String> names() {
        Config config = ConfigProvider.getConfig();
        Set<String> names = new TreeSet<>();
        config.getPropertyNames().forEach(names::add);
        return names;
    }

    /**
     * Finds settings about listeners that langchain4j-cdi does not read.
     *
     * @param names the names of all settings, including those of other libraries
     * @return what is wrong with each such setting, in order
     */
    static List<String> unread(Collection<String> names) {
        return PREFIXES.stream()
                .flatMap(prefix -> models(prefix, LISTENERS, names)
                        .filter(model -> !names.contains(prefix + model + CLASS))
                        .map(model -> wrong(prefix, model, names)))
                .collect(Collectors.toList());
    }

    /**
     * Finds models that langchain4j-cdi makes without our listener, or that would have to be wrapped.
     *
     * @param names the names of all settings, including those of other libraries
     * @param value of a setting
     * @param isRecorded whether the requests of a model, given by name and type, have rows without it
     * @param mayListen whether a part of a value about listeners may lead to our listener for models of a type
     * @return what is wrong with each, in order
     */
    static List<String> withoutListeners(
            Collection<String> names,
            UnaryOperator<String> value,
            BiPredicate<String, ModelType> isRecorded,
            BiPredicate<String, ModelType> mayListen) {
        return PREFIXES.stream()
                .flatMap(prefix -> models(prefix, CLASS, names)
                        .filter(model -> !names.contains(prefix + model + PRODUCER))
                        .flatMap(model -> type(value.apply(prefix + model + CLASS))
                                .filter(type -> !isRecorded.test(model, type))
                                .flatMap(type -> fault(prefix, model, type, names, value, mayListen))
                                .stream()))
                .collect(Collectors.toList());
    }

    private static Optional<String> fault(
            String prefix,
            String model,
            ModelType type,
            Collection<String> names,
            UnaryOperator<String> value,
            BiPredicate<String, ModelType> mayListen) {
        if (!type.hasListeners()) {
            return Optional.of(
                    "The " + type.label() + " " + model + " that langchain4j-cdi makes is not wrapped, so its requests"
                            + " have no rows: make it in a producer that returns " + type.wrapping());
        }
        String setting = prefix + model + LISTENERS;
        if (names.contains(setting)) {
            return Stream.of(value.apply(setting).split(","))
                            .map(String::trim)
                            .anyMatch(part -> mayListen.test(part, type))
                    ? Optional.empty()
                    : Optional.of(
                            "The " + type.label() + " " + model + " that langchain4j-cdi makes has listeners, but no "
                                    + type.listener() + ", so requests that are made of it directly have no rows: set "
                                    + setting
                                    + "=lookup:@all");
        }
        return PREFIXES.stream().anyMatch(any -> names.contains(any + model + LISTENERS))
                ? Optional.empty()
                : Optional.of("The " + type.label() + " " + model
                        + " that langchain4j-cdi makes has no listener, so requests that are made of"
                        + " it directly have no rows: set " + setting + "=lookup:@all");
    }

    /** The names of the models that have such a setting. */
    private static Stream<String> models(String prefix, String setting, Collection<String> names) {
        return names.stream()
                .filter(name -> name.startsWith(prefix) && name.endsWith(setting))
                .filter(name -> name.length() > prefix.length() + setting.length())
                .map(name -> name.substring(prefix.length(), name.length() - setting.length()));
    }

    /** Empty if nothing can record the model, if it need not be recorded, or if this module cannot see its class. */
    private static Optional<ModelType> type(String className) {
        try {
            Class<?> model = Class.forName(
                    className.trim(), false, Thread.currentThread().getContextClassLoader());
            return ModelType.of(model)
                    .filter(type -> type.hasListeners() ? takesListeners(model) : Listened.isUnwrapped(model));
        } catch (ClassNotFoundException | LinkageError | RuntimeException notSeen) {
            return Optional.empty();
        }
    }

    private static boolean takesListeners(Class<?> model) {
        return Stream.of(model.getDeclaredClasses())
                .filter(type -> type.getName().endsWith("Builder"))
                .flatMap(type -> Stream.of(type.getMethods()))
                .anyMatch(method -> method.getName().equals("listeners"));
    }

    private static String wrong(String prefix, String model, Collection<String> names) {
        String line = prefix + model + LISTENERS;
        return PREFIXES.stream()
                .filter(other -> names.contains(other + model + CLASS))
                .findFirst()
                .map(other ->
                        "langchain4j-cdi does not read " + line + ", as the model has another prefix, and its calls"
                                + " are not recorded: set " + other + model + LISTENERS)
                .orElse("langchain4j-cdi does not read " + line + ", as there is no " + prefix + model + CLASS);
    }
}
