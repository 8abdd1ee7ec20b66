package dev.tokentally.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * What can be chosen about a run.
 *
 * @param port where it answers, on 127.0.0.1
 * @param apiKeys the value of {@code TOKENTALLY_API_KEYS}; empty when keys are to be made
 * @param postgres whether {@code TOKENTALLY_DB_*} name a PostgreSQL; else an H2 file is used
 * @param provider whether {@code TOKENTALLY_LLM_*} name a provider; else the offline model answers. The server checks them
 */
record Options(int port, Optional<String> apiKeys, boolean postgres, boolean provider) {

    static final String PORT = "tokentally.port";
    static final String API_KEYS = "TOKENTALLY_API_KEYS";
    static final String DB_URL = "TOKENTALLY_DB_URL";
    static final String DB_USER = "TOKENTALLY_DB_USER";
    static final String DB_PASSWORD = "TOKENTALLY_DB_PASSWORD";

    static final String LLM_BASE_URL = "TOKENTALLY_LLM_BASE_URL";

    private static final String DEFAULT_PORT = "8080";

    static Options of(Properties system, Map<String, String> environment) {
        return new Options(
                port(system.getProperty(PORT, DEFAULT_PORT)),
                Optional.ofNullable(environment.get(API_KEYS)).filter(keys -> !keys.isBlank()),
                isPostgres(environment),
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

    private static boolean isPostgres(Map<String, String> environment) {
        List<String> missing = new ArrayList<>();
        for (String name : List.of(DB_URL, DB_USER, DB_PASSWORD)) {
            if (!environment.containsKey(name)) {
                missing.add(name);
            }
        }
        if (missing.size() == 3) {
            return false;
        }
        if (!missing.isEmpty()) {
            throw new InvalidOptionException("PostgreSQL needs " + DB_URL + ", " + DB_USER + " and " + DB_PASSWORD
                    + " in the environment; not set: " + String.join(", ", missing));
        }
        if (!environment.get(DB_URL).startsWith("jdbc:postgresql:")) {
            throw new InvalidOptionException(
                    DB_URL + " is no URL of PostgreSQL: allowed is jdbc:postgresql://HOST:PORT/DATABASE");
        }
        return true;
    }
}
