package dev.tokentally.run;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;

/**
 * The options of a run.
 *
 * @param port the port on 127.0.0.1
 * @param data the folder for the data; empty for the default
 * @param apiKeys how many keys {@code TOKENTALLY_API_KEYS} has; 0 if keys must be created
 * @param database the PostgreSQL of {@code TOKENTALLY_DB_*}; empty for an H2 file
 * @param provider whether {@code TOKENTALLY_LLM_*} name a provider; otherwise the offline model answers
 */
record Options(int port, Optional<Path> data, int apiKeys, Optional<Postgres> database, boolean provider) {

    static final String PORT = "tokentally.port";
    static final String DATA = "tokentally.data";
    static final String API_KEYS = "TOKENTALLY_API_KEYS";
    static final String DB_URL = "TOKENTALLY_DB_URL";
    static final String DB_USER = "TOKENTALLY_DB_USER";
    static final String DB_PASSWORD = "TOKENTALLY_DB_PASSWORD";

    private static final String DEFAULT_PORT = "8080";

    /** Variables that have no effect, and what to do instead. */
    private static final List<Map.Entry<String, String>> REFUSED_VARIABLES = List.of(
            Map.entry("TOKENTALLY_PORT", "is not read: choose the port with -D" + PORT + "=N"),
            Map.entry("TOKENTALLY_DATA", "is not read: choose the folder with -D" + DATA + "=FOLDER"),
            Map.entry(
                    "TOKENTALLY_SPOOL_DIRECTORY",
                    "cannot be chosen, since the run command sets it itself: choose the folder of all data with -D"
                            + DATA + "=FOLDER"),
            Map.entry(
                    "TOKENTALLY_DATASOURCE",
                    "cannot be chosen, since the run command makes the data source itself: for PostgreSQL set " + DB_URL
                            + ", " + DB_USER + " and " + DB_PASSWORD));

    /**
     * Reads the options.
     *
     * @throws InvalidOptionException when some are not allowed; the message has one line for each
     */
    static Options of(Properties system, Map<String, String> environment) {
        Faults faults = new Faults();
        faultsOfProperties(system).forEach(faults::add);
        faultsOfVariables(environment).forEach(faults::add);
        int port = faults.in(() -> port(system.getProperty(PORT, DEFAULT_PORT)), 0);
        Optional<Path> data =
                faults.in(() -> data(system.getProperty(DATA), system.getProperty("user.home")), Optional.empty());
        int keys = faults.in(() -> KeyEntries.count(environment.getOrDefault(API_KEYS, "")), 0);
        Optional<Postgres> database = faults.in(() -> database(environment), Optional.empty());
        boolean provider = faults.in(() -> ProviderVariables.nameAProvider(environment), false);
        faults.refuse();
        return new Options(port, data, keys, database, provider);
    }

    /** The server is a process of its own, which gets no system property. No message quotes a value, such as a key. */
    private static List<String> faultsOfProperties(Properties system) {
        return system.stringPropertyNames().stream()
                .filter(name -> variable(name).startsWith("TOKENTALLY_"))
                .filter(name -> !name.equals(PORT) && !name.equals(DATA))
                .sorted()
                .map(name -> "-D" + name + " has no effect: the run command reads only -D" + PORT + " and -D" + DATA
                        + ". Set a configuration key as an environment variable, here " + variable(name))
                .toList();
    }

    /** An empty variable counts as not set, as it does for the server. */
    private static List<String> faultsOfVariables(Map<String, String> environment) {
        return REFUSED_VARIABLES.stream()
                .flatMap(refused -> environment.keySet().stream()
                        .filter(name -> variable(name).equals(refused.getKey()))
                        .filter(name -> !environment.get(name).isEmpty())
                        .sorted()
                        .map(name -> name + " " + refused.getValue()))
                .toList();
    }

    /** The environment variable of a configuration key. The server reads other spellings of the variable too. */
    private static String variable(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    private static int port(String value) {
        try {
            int port = Integer.parseInt(value);
            if (port >= 1 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // The code below refuses it like every other value that is not a port.
        }
        throw new InvalidOptionException(
                "-D" + PORT + "=" + value + " is no port: allowed is a number from 1 to 65535");
    }

    private static Optional<Path> data(String value, String home) {
        if (value == null) {
            return Optional.empty();
        }
        if (value.startsWith("~")) {
            throw new InvalidOptionException("-D" + DATA + "=" + value + " begins with ~, which the shell does not"
                    + " replace there: write the whole path, such as \"-D" + DATA + "="
                    + value.replaceFirst("^~[^/\\\\]*", Matcher.quoteReplacement(home)) + "\"");
        }
        if (value.isBlank()) {
            throw new InvalidOptionException("-D" + DATA + "=" + value + " names no folder");
        }
        try {
            return Optional.of(Path.of(value));
        } catch (InvalidPathException e) {
            String why = e.getReason().contains("unmappable characters")
                    ? "the locale lacks a character of it, so run the command with LANG=C.UTF-8 in the environment"
                    : e.getReason();
            throw new InvalidOptionException("-D" + DATA + "=" + value + " names no folder: " + why);
        }
    }

    private static Optional<Postgres> database(Map<String, String> environment) {
        List<String> missing = new ArrayList<>();
        for (String name : List.of(DB_URL, DB_USER, DB_PASSWORD)) {
            if (!environment.containsKey(name)) {
                missing.add(name);
            }
        }
        if (missing.size() == 3) {
            return Optional.empty();
        }
        if (!missing.isEmpty()) {
            throw new InvalidOptionException("PostgreSQL needs " + DB_URL + ", " + DB_USER + " and " + DB_PASSWORD
                    + " in the environment; not set: " + String.join(", ", missing));
        }
        if (!environment.get(DB_URL).startsWith("jdbc:postgresql:")) {
            throw new InvalidOptionException(DB_URL + " is no URL of PostgreSQL: allowed is " + Postgres.ALLOWED_URL);
        }
        if (environment.get(DB_URL).split("\\?", 2)[0].contains("@")) {
            throw new InvalidOptionException(
                    DB_URL + " has a user in it, which PostgreSQL's driver does not read there:"
                            + " put user and password into " + DB_USER + " and " + DB_PASSWORD);
        }
        if (environment.get(DB_USER).isBlank()) {
            throw new InvalidOptionException(DB_USER + " is blank: set it to the name of PostgreSQL's user");
        }
        return Optional.of(
                new Postgres(environment.get(DB_URL), environment.get(DB_USER), environment.get(DB_PASSWORD)));
    }
}
