package dev.tokentally.config;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.config.Config;

/** The settings of the EJB module, read and checked once. Safe for use by many threads. */
@ApplicationScoped
public class Settings {

    private final String datasource;
    private final boolean migrateSchema;
    private final MissingScope missingScope;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected Settings() {
        this.datasource = null;
        this.migrateSchema = false;
        this.missingScope = null;
    }

    /**
     * Reads all of them.
     *
     * @param config where from
     * @throws InvalidSettingException when one is not allowed; the message names it
     */
    @Inject
    public Settings(Config config) {
        this.datasource = Setting.DATASOURCE.in(config);
        this.migrateSchema = Setting.SCHEMA_MIGRATE.in(config);
        this.missingScope = Setting.MISSING_SCOPE.in(config);
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
}
