package dev.tokentally.config;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.Config;

/** The settings of the EJB module. They are read and checked once. Safe for use by many threads. */
@ApplicationScoped
public class Settings {

    private final String datasource;
    private final Optional<String> persistenceProvider;
    private final boolean migrateSchema;
    private final boolean partitions;
    private final boolean rollups;
    private final Optional<Duration> retentionOfCalls;
    private final Optional<Duration> retentionOfRollups;
    private final MissingScope missingScope;
    private final RecordingMode recordingMode;
    private final Duration maxWait;
    private final Optional<String> spoolDirectory;
    private final long spoolMaxBytes;
    private final boolean spoolSurvivesPowerCut;
    private final Optional<String> node;
    private final Duration reportsMaxTime;
    private final Optional<String> pricesFile;
    private final UserNames userNames;
    private final Optional<UserHash> userHash;
    private final Set<String> tagKeys;

    /** For the proxy that CDI creates for a normal-scoped bean. */
    protected Settings() {
        this.datasource = null;
        this.persistenceProvider = Optional.empty();
        this.migrateSchema = false;
        this.partitions = false;
        this.rollups = false;
        this.retentionOfCalls = Optional.empty();
        this.retentionOfRollups = Optional.empty();
        this.missingScope = null;
        this.recordingMode = null;
        this.maxWait = null;
        this.spoolDirectory = Optional.empty();
        this.spoolMaxBytes = 0;
        this.spoolSurvivesPowerCut = false;
        this.node = Optional.empty();
        this.reportsMaxTime = null;
        this.pricesFile = Optional.empty();
        this.userNames = null;
        this.userHash = Optional.empty();
        this.tagKeys = Set.of();
    }

    @Inject
    Settings(DeployedApplication application) {
        this(application.config());
    }

    /**
     * Reads and checks all settings.
     *
     * @param config the configuration
     * @throws InvalidSettingException when a value is not allowed; the message names the key
     */
    public Settings(Config config) {
        this.datasource = Setting.DATASOURCE.in(config);
        this.persistenceProvider = Optional.ofNullable(Setting.PERSISTENCE_PROVIDER.in(config));
        this.migrateSchema = Setting.SCHEMA_MIGRATE.in(config);
        this.partitions = Setting.PARTITIONS.in(config);
        this.rollups = Setting.ROLLUPS.in(config);
        this.retentionOfCalls = Optional.ofNullable(Setting.RETENTION_CALLS.in(config));
        this.retentionOfRollups = Optional.ofNullable(Setting.RETENTION_ROLLUPS.in(config));
        this.missingScope = Setting.MISSING_SCOPE.in(config);
        this.recordingMode = Setting.RECORDING_MODE.in(config);
        this.maxWait = Setting.RECORDING_MAX_WAIT.in(config);
        this.spoolDirectory = Optional.ofNullable(Setting.SPOOL_DIRECTORY.in(config));
        this.spoolMaxBytes = Setting.SPOOL_MAX_BYTES.in(config);
        this.spoolSurvivesPowerCut = Setting.SPOOL_SURVIVES_POWER_CUT.in(config);
        this.node = Optional.ofNullable(Setting.NODE.in(config));
        this.reportsMaxTime = Setting.REPORTS_MAX_TIME.in(config);
        this.pricesFile = Optional.ofNullable(Setting.PRICES_FILE.in(config));
        this.userNames = Setting.USER.in(config);
        this.userHash = Optional.ofNullable(Setting.USER_HASH_KEY.in(config)).map(UserHash::new);
        this.tagKeys = Setting.TAGS.in(config);
        if (userNames == UserNames.HASHED && userHash.isEmpty()) {
            throw InvalidSettingException.missing(
                    Setting.USER_HASH_KEY.key(), Setting.USER.key() + "=hashed", Setting.USER_HASH_KEY.allowed());
        }
        checkRetention(config);
    }

    private void checkRetention(Config config) {
        if (retentionOfCalls.isPresent() && !rollups) {
            throw new InvalidSettingException(
                    Setting.RETENTION_CALLS.key(),
                    config.getValue(Setting.RETENTION_CALLS.key(), String.class),
                    "forever, since " + Setting.ROLLUPS.key()
                            + "=false: calls are dropped only where rollups hold their figures");
        }
        Duration forever = Duration.ofSeconds(Long.MAX_VALUE);
        if (retentionOfRollups.orElse(forever).compareTo(retentionOfCalls.orElse(forever)) < 0) {
            throw new InvalidSettingException(
                    Setting.RETENTION_ROLLUPS.key(),
                    config.getValue(Setting.RETENTION_ROLLUPS.key(), String.class),
                    "forever, or a time that is no shorter than " + Setting.RETENTION_CALLS.key() + "="
                            + config.getOptionalValue(Setting.RETENTION_CALLS.key(), String.class)
                                    .orElse(Setting.RETENTION_CALLS.defaultValue()));
        }
    }

    /**
     * The store.
     *
     * @return the JNDI name of its data source
     */
    public String datasource() {
        return datasource;
    }

    /**
     * The JPA provider for writing records.
     *
     * @return {@code eclipselink} or {@code hibernate}; empty for the server's own provider
     */
    public Optional<String> persistenceProvider() {
        return persistenceProvider;
    }

    /**
     * Whether the module creates and upgrades its tables.
     *
     * @return true if the module does, false if a DBA does
     */
    public boolean migrateSchema() {
        return migrateSchema;
    }

    /**
     * Whether the table of calls is partitioned by months, on PostgreSQL.
     *
     * @return true if it is, false if it stays one table
     */
    public boolean partitions() {
        return partitions;
    }

    /**
     * Whether reports use the figures of closed intervals, which the module makes.
     *
     * @return true if they do, false if they read calls only
     */
    public boolean rollups() {
        return rollups;
    }

    /**
     * How long calls are kept.
     *
     * @return the time; empty for ever
     */
    public Optional<Duration> retentionOfCalls() {
        return retentionOfCalls;
    }

    /**
     * How long the figures of closed intervals are kept.
     *
     * @return the time; empty for ever
     */
    public Optional<Duration> retentionOfRollups() {
        return retentionOfRollups;
    }

    /**
     * What to do with a call outside a call scope.
     *
     * @return the choice
     */
    public MissingScope missingScope() {
        return missingScope;
    }

    /**
     * When a record is written to the store.
     *
     * @return the mode
     */
    public RecordingMode recordingMode() {
        return recordingMode;
    }

    /**
     * How long a call waits for the store.
     *
     * @return the longest time
     */
    public Duration maxWait() {
        return maxWait;
    }

    /**
     * Where records wait for the store.
     *
     * @return the directory; empty for the server's default
     */
    public Optional<String> spoolDirectory() {
        return spoolDirectory;
    }

    /**
     * How large the spool may become.
     *
     * @return the limit in bytes
     */
    public long spoolMaxBytes() {
        return spoolMaxBytes;
    }

    /**
     * Whether a spooled record survives a power cut.
     *
     * @return true if it does, false if it survives only the end of the process
     */
    public boolean spoolSurvivesPowerCut() {
        return spoolSurvivesPowerCut;
    }

    /**
     * The node's name.
     *
     * @return the name; empty for the default, which is made of the host's name and the spool's directory
     */
    public Optional<String> node() {
        return node;
    }

    /**
     * How long a report may take, counted from the first reaction of the store.
     *
     * @return the longest time
     */
    public Duration reportsMaxTime() {
        return reportsMaxTime;
    }

    /**
     * Prices that add to those of the module, or replace them.
     *
     * @return the name of the file; empty if there is none
     */
    public Optional<String> pricesFile() {
        return pricesFile;
    }

    /**
     * What is recorded of users.
     *
     * @return the choice
     */
    public UserNames userNames() {
        return userNames;
    }

    /**
     * The hash for users' pseudonyms.
     *
     * @return the hash; empty if no key is set; never empty if names are hashed
     */
    public Optional<UserHash> userHash() {
        return userHash;
    }

    /**
     * The keys of the tags that calls may have.
     *
     * @return the keys, sorted; empty if no tags are allowed
     */
    public Set<String> tagKeys() {
        return tagKeys;
    }
}
