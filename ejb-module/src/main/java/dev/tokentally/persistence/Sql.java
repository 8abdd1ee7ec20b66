package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A piece of a statement with the arguments for its question marks; what comes from outside is always an argument. */
record Sql(String text, List<Object> arguments) {

    static Sql of(String text, Object... arguments) {
        return new Sql(text, List.of(arguments));
    }

    static Sql joined(String separator, List<Sql> pieces) {
        return new Sql(
                pieces.stream().map(Sql::text).collect(Collectors.joining(separator)),
                pieces.stream().flatMap(piece -> piece.arguments.stream()).toList());
    }

    Sql then(String more, Object... moreArguments) {
        return then(of(more, moreArguments));
    }

    Sql then(Sql more) {
        List<Object> both = new ArrayList<>(arguments);
        both.addAll(more.arguments);
        return new Sql(text + more.text, both);
    }

    PreparedStatement prepare(Connection connection) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(text);
        try {
            for (int i = 0; i < arguments.size(); i++) {
                Object argument = arguments.get(i);
                statement.setObject(
                        i + 1, argument instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : argument);
            }
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }

    /** Reads an instant; null if the column is null. */
    static Instant instant(ResultSet row, int column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    /** Whether the query's only value is true. */
    boolean isTrue(Connection connection) throws SQLException {
        try (PreparedStatement statement = prepare(connection);
                ResultSet row = statement.executeQuery()) {
            return row.next() && row.getBoolean(1);
        }
    }
}
