package dev.tokentally.config;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.Config;

/** The settings of the EJB module, read and checked once. Safe for use by many threads. */
@ApplicationScoped
public class Settings {

    private final String datasource;
    private final Optional<String> persistenceProvider;
    private final boolean migrateSchema;
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

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected Settings() {
        this.datasource = null;
        this.persistenceProvider = Optional.empty();
        this.migrateSchema = false;
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
     * Reads all of them.
     *
     * @param config where from
     * @throws InvalidSettingException when one is not allowed; the message names it
     */
    public Settings(Config config) {
        this.datasource = Setting.DATASOURCE.in(config);
        this.persistenceProvider = Optional.ofNullable(Setting.PERSISTENCE_PROVIDER.in(config));
        this.migrateSchema = Setting.SCHEMA_MIGRATE.in(config);
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
     * What records are written through.
     *
     * @return {@code eclipselink} or {@code hibernate}; empty where the server's own provider is wanted
     */
    public Optional<String> persistenceProvider() {
        return persistenceProvider;
    }

    /**
     * Who looks after the tables.
     *
     * @return true when the module does, false when a DBA does
     */
    public boolean migrateSchema() {
        return migrateSchema;
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
     * @return the directory; empty where the server's default is wanted
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
     * What a spooled record survives.
     *
     * @return true for a power cut, false for the end of the process only
     */
    public boolean spoolSurvivesPowerCut() {
        return spoolSurvivesPowerCut;
    }

    /**
     * What the node is called.
     *
     * @return the name; empty where the host's and the spool's are wanted
     */
    public Optional<String> node() {
        return node;
    }

    /**
     * How long a report may take, once the store has shown that it is there.
     *
     * @return the longest time
     */
    public Duration reportsMaxTime() {
        return reportsMaxTime;
    }

    /**
     * Prices that add to those of the module, or replace them.
     *
     * @return the name of the file; empty where there is none
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
     * What makes pseudonyms of users' names.
     *
     * @return it; empty where no key is set, never where names are hashed
     */
    public Optional<UserHash> userHash() {
        return userHash;
    }

    /**
     * The keys that calls may be tagged with.
     *
     * @return the keys, sorted; empty where none may be used
     */
    public Set<String> tagKeys() {
        return tagKeys;
    }
}
