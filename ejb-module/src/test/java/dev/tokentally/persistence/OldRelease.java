package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The tables as an earlier release made them, with its own scripts and their history, and a node of 0.1 that writes. */
final class OldRelease {

    /** The columns of 0.1. */
    private static final String COLUMNS =
            "id, call_id, tenant_id, operation, started_at, call_duration_ms, first_token_ms,"
                    + " provider, model, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens,"
                    + " cost_usd, cost_source, status, error_class";

    private static final String INSERT =
            "insert into llm_calls (" + COLUMNS + ") select * from unnest(?::uuid[], ?::uuid[],"
                    + " ?::text[], ?::text[], ?::timestamptz[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::integer[],"
                    + " ?::integer[], ?::integer[], ?::integer[], ?::integer[], ?::numeric[], ?::text[], ?::text[], ?::text[])";

    private OldRelease() {}

    /**
     * Makes the tables.
     *
     * @param version the newest script of the release: 1, 2 (H2), 3 (PostgreSQL) or 4
     */
    static void make(String version, Database kind, DataSource database) {
        String own =
                switch (kind) {
                    case H2 -> "schema-h2";
                    case POSTGRESQL -> "schema-postgresql";
                };
        boolean hasThird = kind == Database.POSTGRESQL && version.equals("3");
        Flyway.configure(OldRelease.class.getClassLoader())
                .dataSource(database)
                .locations(
                        "classpath:dev/tokentally/schema",
                        "classpath:dev/tokentally/" + own,
                        hasThird
                                ? "classpath:dev/tokentally/persistence/release-0.1"
                                : "classpath:dev/tokentally/schema")
                .table("tokentally_schema_history")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .target(version)
                .load()
                .migrate();
    }

    /** Inserts rows of many tenants. */
    static void insert(int rows, Database kind, DataSource database) throws SQLException {
        String uuid = TestDatabases.newId(kind);
        String series = TestDatabases.numbers(rows, kind);
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("insert into llm_calls (" + COLUMNS + ") select " + uuid + ", " + uuid
                    + ", 't' || mod(n, 100), 'chat', timestamp with time zone '2026-01-01 00:00:00+00' + n * interval '1' second, 1,"
                    + " null, 'openai', 'gpt-4o', 1, 1, 0, 0, 0, 0, 'none', 'ok', null from " + series);
        }
    }

    /** Writes one row as a node of 0.1 does from its spool on PostgreSQL. */
    static void write(Connection connection) throws SQLException {
        Object[] values = {
            java.util.UUID.randomUUID(),
            java.util.UUID.randomUUID(),
            "old",
            "chat",
            "2026-11-28 06:00:00.000000Z AD",
            1L,
            null,
            "openai",
            "gpt-4o",
            1,
            1,
            0,
            0,
            0,
            "0",
            "none",
            "ok",
            null
        };
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (int i = 0; i < values.length; i++) {
                String type = values[i] instanceof Integer ? "integer" : values[i] instanceof Long ? "bigint" : "text";
                insert.setArray(i + 1, connection.createArrayOf(type, new Object[] {values[i]}));
            }
            insert.execute();
        }
    }
}
