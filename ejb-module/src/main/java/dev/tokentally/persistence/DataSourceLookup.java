package dev.tokentally.persistence;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import dev.tokentally.text.CauseChain;
import javax.naming.InitialContext;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.sql.DataSource;

/** Finds the data source that {@code tokentally.datasource} names. */
final class DataSourceLookup {

    /** While a server boots, data sources and deployments start at the same time, and ours may be first. */
    private static final int ATTEMPTS = 20;

    private static final int WAIT_MILLIS = 250;

    private DataSourceLookup() {}

    /**
     * Looks the data source up.
     *
     * @throws InvalidSettingException when there is none under that name
     */
    static DataSource of(String name) {
        for (int attempt = 1; ; attempt++) {
            try {
                return InitialContext.doLookup(name);
            } catch (ClassCastException e) {
                throw notADataSource(
                        name, "the JNDI name of a javax.sql.DataSource; what it names is another thing", e);
            } catch (NamingException e) {
                if (!saysThatNothingHasThatName(e)) {
                    throw notADataSource(
                            name, "the JNDI name of a data source of this server; looking it up failed", e);
                }
                if (attempt == ATTEMPTS || !Pause.sleep(WAIT_MILLIS)) {
                    throw notADataSource(
                            name, "the JNDI name of a data source of this server; nothing has that name", e);
                }
            }
        }
    }

    /** WildFly throws this exception itself; Payara wraps it in another. */
    static boolean saysThatNothingHasThatName(NamingException e) {
        return CauseChain.of(e).stream().anyMatch(NameNotFoundException.class::isInstance);
    }

    private static InvalidSettingException notADataSource(String name, String allowed, Exception cause) {
        InvalidSettingException e = new InvalidSettingException(Setting.DATASOURCE.key(), name, allowed);
        e.initCause(cause);
        return e;
    }
}
