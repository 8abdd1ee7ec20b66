package dev.tokentally.run;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Checks the values of {@code TOKENTALLY_LLM_*}. The server refuses wrong values too, but only after it has started. No
 * message quotes a value, since it may hold a key or a password.
 */
final class ProviderVariables {

    static final String BASE_URL = "TOKENTALLY_LLM_BASE_URL";

    private static final String API_KEY = "TOKENTALLY_LLM_API_KEY";
    private static final String MODEL = "TOKENTALLY_LLM_MODEL";
    private static final String TIMEOUT = "TOKENTALLY_LLM_TIMEOUT";

    private static final int MODEL_LENGTH = 255;
    private static final int MIN_TIMEOUT_MILLIS = 100;
    private static final int MAX_TIMEOUT_MILLIS = 600_000;

    private ProviderVariables() {}

    /**
     * Whether the variables name a provider; otherwise the offline model answers.
     *
     * @throws InvalidOptionException when some are not allowed or missing; the message has one line for each
     */
    static boolean nameAProvider(Map<String, String> environment) {
        Faults faults = new Faults();
        Optional<String> set = Stream.of(BASE_URL, MODEL, API_KEY)
                .filter(name -> isSet(name, environment))
                .findFirst();
        if (set.isPresent()) {
            Stream.of(BASE_URL, MODEL)
                    .filter(name -> !isSet(name, environment))
                    .forEach(name -> faults.add(name + " is not set, although " + set.get() + " is: set " + BASE_URL
                            + " and " + MODEL + " together, or neither for the offline model"));
        }
        check(
                faults,
                BASE_URL,
                environment,
                ProviderVariables::faultOfUrl,
                "the http or https URL below which the provider has chat/completions, without user, query and fragment");
        check(
                faults,
                API_KEY,
                environment,
                key -> key.matches("[!-~]+") ? null : "it has a character that is not allowed",
                "the provider's key, in visible ASCII characters");
        check(
                faults,
                MODEL,
                environment,
                ProviderVariables::faultOfModel,
                "the model's name as the provider has it, of at most 255 visible ASCII characters");
        check(
                faults,
                TIMEOUT,
                environment,
                timeout -> isTimeout(timeout) ? null : "it is no such time",
                "a time from 100ms to 600s, such as 20s");
        faults.refuse();
        return set.isPresent();
    }

    /** For the server too, an empty value is none. */
    private static boolean isSet(String name, Map<String, String> environment) {
        return !environment.getOrDefault(name, "").isEmpty();
    }

    /**
     * Checks a value, if it is set.
     *
     * @param fault says what is wrong with a value that is not blank; null if it is right
     */
    private static void check(
            Faults faults,
            String name,
            Map<String, String> environment,
            Function<String, String> fault,
            String allowed) {
        // The server replaces an expression by another value of the configuration.
        if (!isSet(name, environment) || environment.get(name).contains("${")) {
            return;
        }
        String value = environment.get(name).strip();
        String why = value.isEmpty() ? "it is blank" : fault.apply(value);
        if (why != null) {
            faults.add(name + " is wrong, " + why + ". Allowed is " + allowed);
        }
    }

    private static String faultOfUrl(String value) {
        URI url;
        try {
            url = new URI(value);
        } catch (URISyntaxException malformed) {
            return "it is no URL";
        }
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            return "it does not begin with http:// or https://";
        }
        if (url.getHost() == null) {
            return "it names no host";
        }
        if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
            return "it has a user, a query or a fragment";
        }
        return url.getPort() == 0 || url.getPort() > 65_535 ? "its port is none" : null;
    }

    private static String faultOfModel(String value) {
        if (value.length() > MODEL_LENGTH) {
            return "it has " + value.length() + " characters";
        }
        return value.matches("[!-~]+") ? null : "it has a character that is not allowed";
    }

    private static boolean isTimeout(String value) {
        if (!value.matches("\\d{1,6}m?s")) {
            return false;
        }
        long number = Long.parseLong(value.replaceAll("m?s", ""));
        long millis = value.endsWith("ms") ? number : number * 1000;
        return millis >= MIN_TIMEOUT_MILLIS && millis <= MAX_TIMEOUT_MILLIS;
    }
}
