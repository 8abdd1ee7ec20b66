package dev.tokentally.run;

import java.nio.file.Path;

/** The asadmin commands that Payara Micro runs before its start, after its start and before the deployment. */
final class BootCommands {

    /** The JNDI name of PostgreSQL's pool. */
    static final String POSTGRES_JNDI_NAME = "jdbc/tokentally";

    /**
     * Makes the server answer this machine only. Payara Micro does not allow that as an option, and without it the
     * server would answer every machine that can reach it.
     */
    private static final String LOOPBACK_ONLY = "set configs.config.server-config.network-config.network-listeners"
            + ".network-listener.http-listener.address=127.0.0.1\n";

    /**
     * Creates the pool. It validates connections, so that no call fails after a restart of PostgreSQL, and it gives up
     * quickly. The credentials are placeholders for variables of the server's environment, so that they are in no file
     * and on no command line.
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

    /**
     * The H2 data source, without a write delay. With H2's default delay, a killed process would lose acknowledged
     * records.
     */
    private static String h2(Path database) {
        return "set resources.jdbc-connection-pool.H2Pool.property.URL=jdbc:h2:file:"
                + database.toString().replace('\\', '/') + ";WRITE_DELAY=0\n";
    }
}
