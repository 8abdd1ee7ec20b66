package dev.tokentally.persistence;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.eclipse.persistence.internal.sessions.AbstractSession;
import org.eclipse.persistence.platform.database.H2Platform;

/**
 * EclipseLink's H2, corrected: EclipseLink binds an OffsetDateTime through a Timestamp, whose local time is the same in both halves
 * of a repeated hour. Public because EclipseLink makes it by its name.
 */
public class EclipseLinkH2Platform extends H2Platform {

    private static final long serialVersionUID = 1L;

    /** Binds an instant as it is. */
    @Override
    public void setParameterValueInDatabaseCall(
            Object parameter, PreparedStatement statement, int index, AbstractSession session) throws SQLException {
        if (parameter instanceof OffsetDateTime instant) {
            statement.setObject(index, instant);
        } else {
            super.setParameterValueInDatabaseCall(parameter, statement, index, session);
        }
    }
}
