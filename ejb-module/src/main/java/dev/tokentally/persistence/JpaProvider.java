package dev.tokentally.persistence;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import jakarta.persistence.spi.PersistenceProvider;
import jakarta.persistence.spi.PersistenceProviderResolverHolder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/** The JPA providers through which we write. Payara has the first, WildFly the second. */
enum JpaProvider {
    ECLIPSELINK("org.eclipse.persistence.jpa.PersistenceProvider") {

        @Override
        Map<String, Object> properties(Dialect dialect, DatabaseVersion version, boolean jta) {
            Map<String, Object> properties = new HashMap<>();
            // Two applications may have units of one name, and a redeployed one must not get its predecessor's session.
            properties.put("eclipselink.session-name", "tokentally-" + UUID.randomUUID());
            properties.put("eclipselink.target-database", dialect.eclipseLinkPlatform());
            properties.put("eclipselink.weaving", "false");
            properties.put("eclipselink.cache.shared.default", "false");
            properties.put("eclipselink.logging.level", "OFF");
            if (jta) {
                properties.put("eclipselink.target-server", JpaProvider.isOnPayara() ? "Glassfish" : "JBoss");
            }
            return properties;
        }
    },

    HIBERNATE("org.hibernate.jpa.HibernatePersistenceProvider") {

        @Override
        Map<String, Object> properties(Dialect dialect, DatabaseVersion version, boolean jta) {
            Map<String, Object> properties = new HashMap<>();
            // The database is known already; asking it again would take a connection in a transaction of its own.
            properties.put("hibernate.boot.allow_jdbc_metadata_access", "false");
            properties.put("jakarta.persistence.database-product-name", version.product());
            properties.put("jakarta.persistence.database-major-version", Integer.toString(version.major()));
            properties.put("jakarta.persistence.database-minor-version", Integer.toString(version.minor()));
            properties.put("hibernate.archive.autodetection", "none");
            // Otherwise it binds an OffsetDateTime through a Timestamp, which has another calendar before October 1582.
            properties.put("hibernate.type.java_time_use_direct_jdbc", "true");
            if (jta) {
                properties.put("hibernate.transaction.jta.platform", JpaProvider.isOnPayara() ? "SunOne" : "JBossAS");
            }
            return properties;
        }
    };

    private final String className;

    JpaProvider(String className) {
        this.className = className;
    }

    /**
     * The properties with which the unit is made.
     *
     * @param jta false in tests without a server
     */
    abstract Map<String, Object> properties(Dialect dialect, DatabaseVersion version, boolean jta);

    String className() {
        return className;
    }

    /** The values of {@code tokentally.persistence.provider} that mean this provider. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean is(PersistenceProvider provider) {
        return provider.getClass().getName().equals(className);
    }

    /**
     * The provider to use: the one that the setting names, else the server's, else one in the application.
     *
     * @param asked what {@code tokentally.persistence.provider} says; empty when it says nothing
     * @throws InvalidSettingException when there is none; the message says what to do
     */
    static Found find(Optional<String> asked) {
        List<PersistenceProvider> providers = PersistenceProviderResolverHolder.getPersistenceProviderResolver()
                .getPersistenceProviders();
        List<JpaProvider> order = isOnPayara() ? List.of(ECLIPSELINK, HIBERNATE) : List.of(HIBERNATE, ECLIPSELINK);
        Predicate<JpaProvider> wanted =
                known -> asked.isEmpty() || known.label().equals(asked.get());
        return order.stream()
                .filter(wanted)
                .flatMap(known -> providers.stream().filter(known::is).map(known::visible))
                .findFirst()
                .orElseThrow(() -> new InvalidSettingException(
                        Setting.PERSISTENCE_PROVIDER.key(),
                        asked.orElse("(not set)"),
                        Setting.PERSISTENCE_PROVIDER.allowed()
                                + ", and be there. Found in this server and application: "
                                + (providers.isEmpty() ? "no JPA provider" : names(providers))
                                + ". Use a server profile with Jakarta Persistence (on WildFly the subsystem jpa), or add"
                                + " EclipseLink to the application"));
    }

    /**
     * If an EAR contains a provider that WildFly has too, our classes see that of the EAR, and the server's provider would load its
     * parts from the EAR. So the EAR's provider is used.
     */
    private Found visible(PersistenceProvider provider) {
        try {
            Class<?> seen = Class.forName(className, true, JpaProvider.class.getClassLoader());
            return new Found(
                    this,
                    seen == provider.getClass()
                            ? provider
                            : (PersistenceProvider)
                                    seen.getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException | ClassCastException | LinkageError notSeen) {
            return new Found(this, provider);
        }
    }

    private static String names(List<PersistenceProvider> providers) {
        return String.join(
                ", ",
                providers.stream()
                        .map(provider -> provider.getClass().getName())
                        .toList());
    }

    static boolean isOnPayara() {
        return System.getProperty("com.sun.aas.instanceRoot") != null;
    }

    /** A provider that was found, and its kind. */
    record Found(JpaProvider kind, PersistenceProvider provider) {}
}
