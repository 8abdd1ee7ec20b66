package dev.tokentally.persistence;

import java.sql.SQLException;

/**
 * Puts a setting of a connection back. For try-with-resources, so that the failure of a broken connection is not replaced, as with
 * {@link ReadTransaction}.
 */
interface Reset extends AutoCloseable {

    @Override
    void close() throws SQLException;
}
