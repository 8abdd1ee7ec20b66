package dev.tokentally.breaches;

import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** Does what the house rules forbid. A rule that allows this class would allow everything. */
final class Breach {

    private Breach() {}

    static void writesByJdbc(PreparedStatement statement) throws SQLException {
        statement.executeUpdate();
    }

    static void writesABatchByJdbc(PreparedStatement statement) throws SQLException {
        statement.addBatch();
        statement.executeBatch();
    }

    static Object logsAloud() {
        return System.getLogger("a log that may throw");
    }

    static void changesTables(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("drop table llm_calls");
        }
    }

    static Object findsAnEntity(EntityManager entities, Object id) {
        return entities.find(Object.class, id);
    }

    static Object mergesAnEntity(EntityManager entities, Object entity) {
        return entities.merge(entity);
    }
}
