package dev.tokentally.persistence;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.eclipse.persistence.internal.sessions.AbstractSession;
import org.eclipse.persistence.platform.database.PostgreSQLPlatform;

/**
 * EclipseLink's PostgreSQL, corrected: EclipseLink binds an OffsetDateTime through a Timestamp, which uses another calendar for
 * days before October 1582. Public because EclipseLink makes it by its name.
 */
public class EclipseLinkPostgresPlatform extends PostgreSQLPlatform {

    private static final long serialVersionUID = 1L;

    /** Binds an instant as it is, and an array of texts as the driver knows it. */
    @Override
    public void setParameterValueInDatabaseCall(
            Object parameter, PreparedStatement statement, int index, AbstractSession session) throws SQLException {
        if (parameter instanceof OffsetDateTime || parameter instanceof String[]) {
            statement.setObject(index, parameter);
        } else {
            super.setParameterValueInDatabaseCall(parameter, statement, index, session);
        }
    }
}
