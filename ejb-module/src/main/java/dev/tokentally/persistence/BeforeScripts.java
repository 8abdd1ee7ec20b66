package dev.tokentally.persistence;

import java.sql.SQLException;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/** Lets Flyway call the dialect before each script, in the script's transaction. */
final class BeforeScripts implements Callback {

    private final Dialect dialect;

    BeforeScripts(Dialect dialect) {
        this.dialect = dialect;
    }

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_EACH_MIGRATE;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public void handle(Event event, Context context) {
        try {
            dialect.beforeScript(context.getMigrationInfo().getScript(), context.getConnection());
        } catch (SQLException e) {
            throw new FlywayException("A step before a script of the schema failed", e);
        }
    }

    @Override
    public String getCallbackName() {
        return "before a script";
    }
}
