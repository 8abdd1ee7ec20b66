package dev.tokentally.it;

import java.util.Locale;

/** The data sources that the build configures on every server before it deploys anything. */
public enum DataSources {
    /** The embedded PostgreSQL of {@link Postgres}, behind a pool that validates and fails fast. */
    POSTGRES,
    /** The same pool with room for eight connections. */
    SMALL,
    /** The same kind of pool, with a port on which nothing listens. */
    REFUSING,
    /** An HSQLDB in the server's memory, which is a database that the product does not support. */
    UNSUPPORTED,
    /** An H2 file that is written at once, so that a killed server loses nothing. */
    H2FILE,
    /** An H2 file in the server's temporary directory, with H2's default write delay. */
    H2DEFAULT,
    /** The embedded PostgreSQL as an XA data source. */
    XA,
    /** The embedded PostgreSQL behind a pool that takes no part in transactions. */
    NONJTA,
    /** An H2 file whose connections come without auto-commit. */
    MANUAL,
    /** The same H2 file behind a pool that takes no part in transactions. */
    NONJTAMANUAL;

    /** The JNDI name on the server of this run. */
    public String jndiName() {
        return jndiName(TestServer.current());
    }

    String jndiName(TestServer server) {
        String name = "tokentally-" + name().toLowerCase(Locale.ROOT);
        // WildFly accepts only names in java:/ and java:jboss/.
        return server == TestServer.WILDFLY ? "java:jboss/datasources/" + name : "jdbc/" + name;
    }
}
