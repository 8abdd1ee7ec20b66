package dev.tokentally.persistence;

import dev.tokentally.usage.Partitions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * What the database says about the partitions of the table of calls.
 *
 * @param partitions how far the partitioning is
 * @param inTheWay the other tables that have the names of coming months; null if there are none
 */
record PartitionState(Partitions partitions, String inTheWay) {

    private static final PartitionState ONE_TABLE = new PartitionState(Partitions.ONE_TABLE, null);

    /** Reads it, in a transaction of its own. */
    static PartitionState of(Dialect dialect, Connection connection) throws SQLException {
        Optional<String> query = dialect.partitions();
        if (query.isEmpty()) {
            return ONE_TABLE;
        }
        try (ReadTransaction transaction = new ReadTransaction(connection);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query.get())) {
            return row.next()
                    ? new PartitionState(
                            new Partitions(row.getString(1), row.getInt(2), Partitions.STEPS), row.getString(3))
                    : ONE_TABLE;
        }
    }

    boolean isByADba() {
        return Partitions.BY_DBA.equals(partitions.state());
    }
}
