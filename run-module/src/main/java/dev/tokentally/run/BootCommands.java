package dev.tokentally.run;

import java.nio.file.Path;

/** What Payara Micro is told before and after it starts and before it deploys, in asadmin's language. */
final class BootCommands {

    /** Where the pool of PostgreSQL is bound. */
    static final String POSTGRES_JNDI_NAME = "jdbc/tokentally";

    /** Payara Micro refuses it as an option; without it the server would answer every machine around. */
    private static final String LOOPBACK_ONLY = "set configs.config.server-config.network-config.network-listeners"
            + ".network-listener.http-listener.address=127.0.0.1\n";

    /**
     * Validates, so that a restart of PostgreSQL costs no call, and fails fast. Credentials are placeholders for the
     * server's environment: they stand neither in a file nor on a command line.
     */
    private static final String POSTGRES = "create-jdbc-connection-pool --restype=javax.sql.DataSource"
            + " --datasourceclassname=org.postgresql.ds.PGSimpleDataSource --steadypoolsize=0 --maxpoolsize=32"
            + " --maxwait=250 --creationretryattempts=0 --isconnectvalidatereq=true --validationmethod=custom-validation"
            + " --validationclassname=org.glassfish.api.jdbc.validation.JDBC40ConnectionValidation"
            + " --failconnection=true"
            + " --property=url=${ENV\\=" + Options.DB_URL + "}:user=${ENV\\=" + Options.DB_USER + "}:password=${ENV\\="
            + Options.DB_PASSWORD + "}:connectTimeout=1:socketTimeout=5 tokentally\n"
            + "create-jdbc-resource --connectionpoolid=tokentally " + POSTGRES_JNDI_NAME + "\n";

    private BootCommands() {}

    static String beforeStart(boolean postgres, Path h2Database) {
        return postgres ? LOOPBACK_ONLY : LOOPBACK_ONLY + h2(h2Database);
    }

    static String afterStart(boolean postgres) {
        return postgres ? POSTGRES : "";
    }

    /** With a write delay, H2's default, a kill would lose records that were acknowledged. */
    private static String h2(Path database) {
        return "set resources.jdbc-connection-pool.H2Pool.property.URL=jdbc:h2:file:"
                + database.toString().replace('\\', '/') + ";WRITE_DELAY=0\n";
    }
}
