package dev.tokentally.run;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * What can be chosen about a run.
 *
 * @param port where it answers, on 127.0.0.1
 * @param data the folder for its data; empty when none is chosen
 * @param apiKeys how many keys {@code TOKENTALLY_API_KEYS} has; 0 when keys are to be made
 * @param database the PostgreSQL that {@code TOKENTALLY_DB_*} name; empty when an H2 file is used
 * @param provider whether {@code TOKENTALLY_LLM_*} name a provider; else the offline model answers. The server checks them
 */
record Options(int port, Optional<Path> data, int apiKeys, Optional<Postgres> database, boolean provider) {

    static final String PORT = "tokentally.port";
    static final String DATA = "tokentally.data";
    static final String API_KEYS = "TOKENTALLY_API_KEYS";
    static final String DB_URL = "TOKENTALLY_DB_URL";
    static final String DB_USER = "TOKENTALLY_DB_USER";
    static final String DB_PASSWORD = "TOKENTALLY_DB_PASSWORD";

    static final String LLM_BASE_URL = "TOKENTALLY_LLM_BASE_URL";

    private static final String DEFAULT_PORT = "8080";

    /**
     * Reads them.
     *
     * @throws InvalidOptionException when some are not allowed; the message has a line for each
     */
    static Options of(Properties system, Map<String, String> environment) {
        Faults faults = new Faults();
        int port = faults.in(() -> port(system.getProperty(PORT, DEFAULT_PORT)), 0);
        Optional<Path> data = faults.in(() -> data(system.getProperty(DATA)), Optional.empty());
        int keys = faults.in(() -> KeyEntries.count(environment.getOrDefault(API_KEYS, "")), 0);
        Optional<Postgres> database = faults.in(() -> database(environment), Optional.empty());
        faults.refuse();
        return new Options(
                port,
                data,
                keys,
                database,
                !environment.getOrDefault(LLM_BASE_URL, "").isBlank());
    }

    private static int port(String value) {
        try {
            int port = Integer.parseInt(value);
            if (port >= 1 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Answered below, as any other value that is no port.
        }
        throw new InvalidOptionException(
                "-D" + PORT + "=" + value + " is no port: allowed is a number from 1 to 65535");
    }

    private static Optional<Path> data(String value) {
        if (value == null) {
            return Optional.empty();
        }
        try {
            if (!value.isBlank()) {
                return Optional.of(Path.of(value));
            }
        } catch (InvalidPathException e) {
            // Answered below, as no name at all is.
        }
        throw new InvalidOptionException("-D" + DATA + "=" + value + " names no folder");
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
            throw new InvalidOptionException(
                    DB_URL + " is no URL of PostgreSQL: allowed is jdbc:postgresql://HOST:PORT/DATABASE");
        }
        return Optional.of(
                new Postgres(environment.get(DB_URL), environment.get(DB_USER), environment.get(DB_PASSWORD)));
    }
}
