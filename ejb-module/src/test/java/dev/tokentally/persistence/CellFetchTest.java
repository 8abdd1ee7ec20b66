package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnOneJdk
@DisplayName("Cells are fetched from PostgreSQL")
class CellFetchTest {

    private static final int SMALL = 300;
    private static final int LARGE = 3 << 20;
    private static final int LIMIT = 32 << 20;

    private final DataSource database = TestDatabases.withTables(Database.POSTGRESQL);

    @Test
    @DisplayName("a hundred at a time if they are small")
    void small() throws Exception {
        assertThat(mostAtOnce(Collections.nCopies(500, SMALL))).isEqualTo(100 * SMALL);
    }

    @Test
    @DisplayName("a few at a time if they are large")
    void large() throws Exception {
        assertThat(mostAtOnce(Collections.nCopies(40, LARGE))).isBetween(2L * LARGE, (long) LIMIT);
    }

    @Test
    @DisplayName("a few at a time although each tenant has many small ones between the large ones")
    void tenants() throws Exception {
        List<Integer> lengths = new ArrayList<>();
        for (int tenant = 0; tenant < 3; tenant++) {
            lengths.addAll(Collections.nCopies(24, LARGE));
            lengths.addAll(Collections.nCopies(250, SMALL));
        }
        assertThat(mostAtOnce(lengths)).isLessThan(2 * LIMIT);
    }

    /** Returns how many bytes the driver held at most. PostgreSQL makes a row when it is fetched, and a sequence counts the rows. */
    private long mostAtOnce(List<Integer> lengths) throws SQLException {
        try (Connection connection = database.getConnection();
                Connection other = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create sequence made");
            connection.setAutoCommit(false);
            CellFetch fetch = new CellFetch();
            long most = 0;
            int read = 0;
            try (PreparedStatement select = connection.prepareStatement(
                    "select nextval('made'), decode(repeat('00', length), 'hex') from unnest(?) length")) {
                select.setArray(1, connection.createArrayOf("int4", lengths.toArray()));
                try (ResultSet rows = fetch.execute(select)) {
                    while (rows.next()) {
                        assertThat(fetch.cell(rows, 2)).hasSize(lengths.get(read));
                        long held = lengths.subList(read, made(other)).stream()
                                .mapToLong(length -> length)
                                .sum();
                        most = Math.max(most, held);
                        read++;
                    }
                }
            }
            assertThat(read).isEqualTo(lengths.size());
            return most;
        }
    }

    private static int made(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select last_value from made")) {
            row.next();
            return row.getInt(1);
        }
    }
}
