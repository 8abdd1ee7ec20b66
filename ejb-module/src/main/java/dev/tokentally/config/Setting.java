package dev.tokentally.config;

import dev.tokentally.text.CodePoint;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/**
 * A configuration key.
 *
 * @param key its MicroProfile Config name
 * @param defaultValue the value if the key is not set; null if there is no default
 * @param allowed the allowed values with their unit, in the words of the error message and of docs/configuration.md
 * @param parser turns the text into a value; throws {@link IllegalArgumentException} for a value that is not allowed
 * @param <T> the type of the value
 */
public record Setting<T>(String key, String defaultValue, String allowed, Function<String, T> parser) {

    private static final String RETENTIONS = "a time from 1h to 36500d, such as 36h or 90d, or forever";

    /** The JNDI name of the data source that records are stored in. */
    public static final Setting<String> DATASOURCE =
            new Setting<>("tokentally.datasource", "java:comp/DefaultDataSource", "a JNDI name", Setting::text);

    /** Whether the module creates and upgrades its tables itself. */
    public static final Setting<Boolean> SCHEMA_MIGRATE =
            new Setting<>("tokentally.schema.migrate", "true", "true or false", Setting::bool);

    /** Whether the module partitions the table of calls by months, on PostgreSQL. */
    public static final Setting<Boolean> PARTITIONS =
            new Setting<>("tokentally.partitions", "true", "true or false", Setting::bool);

    /** Whether reports use the figures of closed intervals, which the module makes. */
    public static final Setting<Boolean> ROLLUPS =
            new Setting<>("tokentally.rollups", "true", "true or false", Setting::bool);

    /** How long calls are kept; null for ever. */
    public static final Setting<Duration> RETENTION_CALLS =
            new Setting<>("tokentally.retention.calls", "forever", RETENTIONS, Setting::retention);

    /** How long the figures of closed intervals are kept; null for ever. */
    public static final Setting<Duration> RETENTION_ROLLUPS =
            new Setting<>("tokentally.retention.rollups", "forever", RETENTIONS, Setting::retention);

    /** The JPA provider for writing records, if there are several; null for the server's own. */
    public static final Setting<String> PERSISTENCE_PROVIDER =
            new Setting<>("tokentally.persistence.provider", null, "eclipselink or hibernate", Setting::jpaProvider);

    /** What happens to a call without a call scope. */
    public static final Setting<MissingScope> MISSING_SCOPE =
            new Setting<>("tokentally.missing-scope", "fail", "fail or pass-through", MissingScope::ofLabel);

    /** When a record is written to the store. */
    public static final Setting<RecordingMode> RECORDING_MODE =
            new Setting<>("tokentally.recording.mode", "sync", "sync or write-behind", RecordingMode::ofLabel);

    /** The longest time that a call waits for the store. */
    public static final Setting<Duration> RECORDING_MAX_WAIT = new Setting<>(
            "tokentally.recording.max-wait",
            "1s",
            "a time from 10ms to 60s, such as 500ms or 2s",
            value -> duration(value, Duration.ofMillis(10), Duration.ofSeconds(60)));

    /** Where records wait for the store; the default depends on the server. */
    public static final Setting<String> SPOOL_DIRECTORY =
            new Setting<>("tokentally.spool.directory", null, "a directory that can be written to", Setting::text);

    /** How large the spool may become. */
    public static final Setting<Long> SPOOL_MAX_BYTES = new Setting<>(
            "tokentally.spool.max-bytes",
            "1073741824",
            "a number of bytes from 16777216 on",
            value -> number(value, 16_777_216L, Long.MAX_VALUE));

    /** Whether a spooled record survives a power cut or only the end of the process. */
    public static final Setting<Boolean> SPOOL_SURVIVES_POWER_CUT =
            new Setting<>("tokentally.spool.durability", "process", "process or power", Setting::power);

    /** The node's name. The default is made of the host's name and the spool's directory. */
    public static final Setting<String> NODE = new Setting<>(
            "tokentally.node", null, "a name of at most 200 characters without control characters", Setting::nodeName);

    /** The longest time for a report, counted from the first reaction of the store. */
    public static final Setting<Duration> REPORTS_MAX_TIME = new Setting<>(
            "tokentally.reports.max-time",
            "30s",
            "a time from 100ms to 600s, such as 500ms or 30s",
            value -> duration(value, Duration.ofMillis(100), Duration.ofSeconds(600)));

    /** The file with prices that add to those of the module or replace them; null for none. */
    public static final Setting<String> PRICES_FILE = new Setting<>(
            "tokentally.prices.file",
            null,
            "a file of prices in our format, in LiteLLM's or in that of genai-prices (see docs/prices.md)",
            Setting::text);

    /** What is recorded of the users for whom calls are made. */
    public static final Setting<UserNames> USER =
            new Setting<>("tokentally.user", "off", "off, hashed or plain", UserNames::ofLabel);

    /** The key for users' pseudonyms. It must never be shown. */
    public static final Setting<String> USER_HASH_KEY = new Setting<>(
            "tokentally.user.hash-key", null, "a secret text, best of 32 random characters or more", Setting::text);

    /** The keys of the tags that calls may have. */
    public static final Setting<Set<String>> TAGS = new Setting<>(
            "tokentally.tags",
            "",
            "names separated by commas, each of at most 64 letters, digits, dots, underscores and hyphens (A-Z a-z 0-9 . _ -), a"
                    + " letter or digit first; no two that differ in upper and lower case alone",
            Setting::tagKeys);

    /**
     * The API keys of the web module. The value must never be shown, since somebody may have put a key in the place of
     * its hash.
     */
    public static final Setting<String> API_KEYS = new Setting<>(
            "tokentally.api-keys",
            null,
            "TENANT:ROLE:SHA256HEX, separated by commas; ROLE is tenant or admin, SHA256HEX is the SHA-256 of the key in 64"
                    + " hexadecimal digits",
            Setting::text);

    /** The largest request body that the web module reads, in bytes. */
    public static final Setting<Integer> API_MAX_BODY_BYTES = new Setting<>(
            "tokentally.api.max-body-bytes",
            "1048576",
            "a number of bytes from 1024 to 67108864",
            value -> Math.toIntExact(number(value, 1024, 67_108_864)));

    /** How many requests with a wrong key one address may send to the web module at once. */
    public static final Setting<Integer> API_FAILED_ATTEMPTS = new Setting<>(
            "tokentally.api.failed-attempts",
            "100",
            "a number from 1 to 1000000",
            value -> Math.toIntExact(number(value, 1, 1_000_000)));

    /** The pattern of the dashboard's links to traces; null for no links. The web module checks it. */
    public static final Setting<String> TRACE_URL = new Setting<>(
            "tokentally.trace-url",
            null,
            "an http or https URL without a user, with {trace_id} in its path, query or fragment, such as"
                    + " https://tracing.example.com/trace/{trace_id}",
            Setting::text);

    /**
     * The address of the web module's model; null for the offline model. It must not be shown, since it may contain a
     * password.
     */
    public static final Setting<String> LLM_BASE_URL = new Setting<>(
            "tokentally.llm.base-url",
            null,
            "the http or https URL below which the provider has chat/completions, without user, query and fragment, such as"
                    + " https://api.openai.com/v1",
            Setting::text);

    /** The key that is sent to the web module's provider as a bearer token. It must never be shown. */
    public static final Setting<String> LLM_API_KEY = new Setting<>(
            "tokentally.llm.api-key",
            null,
            "the provider's key, in visible ASCII characters; left out for a server that wants none",
            Setting::text);

    /** The model that the web module asks. */
    public static final Setting<String> LLM_MODEL = new Setting<>(
            "tokentally.llm.model",
            null,
            "the model's name as the provider has it, of at most 255 visible ASCII characters",
            Setting::modelName);

    /** How long the web module waits for the whole answer of its model. */
    public static final Setting<Duration> LLM_TIMEOUT = new Setting<>(
            "tokentally.llm.timeout",
            "20s",
            "a time from 100ms to 600s, such as 20s",
            value -> duration(value, Duration.ofMillis(100), Duration.ofSeconds(600)));

    /** The keys of all modules, so that no new one can be forgotten. */
    static List<Setting<?>> all() {
        return Stream.of(Setting.class.getFields())
                .filter(field -> field.getType() == Setting.class)
                .<Setting<?>>map(Setting::valueOf)
                .toList();
    }

    private static Setting<?> valueOf(Field field) {
        try {
            return (Setting<?>) field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " is public", e);
        }
    }

    /**
     * Reads the setting.
     *
     * @param config the configuration
     * @return the value or the default; null if there is neither
     * @throws InvalidSettingException when the value is not allowed
     */
    public T in(Config config) {
        String value = config.getOptionalValue(key, String.class).orElse(defaultValue);
        if (value == null) {
            return null;
        }
        try {
            return parser.apply(value.strip());
        } catch (IllegalArgumentException notAllowed) {
            throw new InvalidSettingException(key, value, allowed);
        }
    }

    private static Set<String> tagKeys(String value) {
        Set<String> keys = new TreeSet<>();
        Set<String> ignoringCase = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        if (value.isEmpty()) {
            return keys;
        }
        for (String part : value.split(",", -1)) {
            String key = part.strip();
            if (!key.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}") || !ignoringCase.add(key)) {
                throw new IllegalArgumentException(key);
            }
            keys.add(key);
        }
        return Collections.unmodifiableSet(keys);
    }

    private static String jpaProvider(String value) {
        String provider = value.toLowerCase(Locale.ROOT);
        if (!provider.equals("eclipselink") && !provider.equals("hibernate")) {
            throw new IllegalArgumentException(value);
        }
        return provider;
    }

    private static String text(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("blank");
        }
        return value;
    }

    private static String nodeName(String value) {
        if (value.isBlank() || value.length() > 200 || value.codePoints().anyMatch(Setting::isNoText)) {
            throw new IllegalArgumentException(value);
        }
        return value;
    }

    private static boolean isNoText(int codePoint) {
        return CodePoint.breaksALine(codePoint) || CodePoint.isHalf(codePoint);
    }

    /**
     * Checks a model's name. It may have no character that could end a header or a line, and must fit the column of the
     * same name.
     */
    private static String modelName(String value) {
        if (!value.matches("[!-~]{1,255}")) {
            throw new IllegalArgumentException(value);
        }
        return value;
    }

    /** Reads true or false. MicroProfile's own converter takes every text that it does not know for false. */
    private static boolean bool(String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(value);
        };
    }

    private static boolean power(String value) {
        return switch (value) {
            case "power" -> true;
            case "process" -> false;
            default -> throw new IllegalArgumentException(value);
        };
    }

    private static Duration duration(String value, Duration min, Duration max) {
        if (!value.matches("\\d{1,6}m?s")) {
            throw new IllegalArgumentException(value);
        }
        long number = Long.parseLong(value.replaceAll("m?s", ""));
        Duration duration = value.endsWith("ms") ? Duration.ofMillis(number) : Duration.ofSeconds(number);
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw new IllegalArgumentException(value);
        }
        return duration;
    }

    /** Reads a retention: a time, or null for {@code forever}. */
    private static Duration retention(String value) {
        if (value.equals("forever")) {
            return null;
        }
        if (!value.matches("\\d{1,6}[hd]")) {
            throw new IllegalArgumentException(value);
        }
        long number = Long.parseLong(value.substring(0, value.length() - 1));
        Duration duration = value.endsWith("h") ? Duration.ofHours(number) : Duration.ofDays(number);
        if (duration.compareTo(Duration.ofHours(1)) < 0 || duration.compareTo(Duration.ofDays(36_500)) > 0) {
            throw new IllegalArgumentException(value);
        }
        return duration;
    }

    private static long number(String value, long min, long max) {
        long number = Long.parseLong(value);
        if (number < min || number > max) {
            throw new IllegalArgumentException(value);
        }
        return number;
    }
}
