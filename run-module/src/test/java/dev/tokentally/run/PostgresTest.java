package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A PostgreSQL of the run command")
class PostgresTest {

    private static EmbeddedPostgres server;

    @BeforeAll
    static void start() throws IOException, SQLException {
        server = EmbeddedPostgres.builder().start();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create role locked nologin");
        }
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    @DisplayName("is in reach if it answers")
    void inReach() {
        assertThat(new Postgres(url("postgres"), "postgres", "secret").whyOutOfReach())
                .isEmpty();
    }

    @Test
    @DisplayName("is out of reach with PostgreSQL's own reason")
    void refused() {
        assertThat(new Postgres(url("nowhere"), "postgres", "secret").whyOutOfReach())
                .hasValueSatisfying(why -> assertThat(why).contains("database \"nowhere\" does not exist"));
        assertThat(new Postgres(url("postgres"), "locked", "secret").whyOutOfReach())
                .hasValueSatisfying(why -> assertThat(why).contains("role \"locked\" is not permitted to log in"));
    }

    @Test
    @DisplayName("is out of reach if nobody listens or the host is unknown, with that reason")
    void notThere() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        assertThat(new Postgres("jdbc:postgresql://127.0.0.1:" + port + "/usage", "me", "secret").whyOutOfReach())
                .hasValueSatisfying(why -> assertThat(why).contains("127.0.0.1:" + port + " refused"));
        assertThat(new Postgres("jdbc:postgresql://no-host.invalid/usage", "me", "secret").whyOutOfReach())
                .hasValueSatisfying(why -> assertThat(why).contains("unknown host no-host.invalid"));
    }

    @ParameterizedTest
    @DisplayName("is out of reach if its URL is invalid, and neither URL nor password is shown")
    @ValueSource(
            strings = {
                "jdbc:postgresql://host:port/usage?password=secret",
                "jdbc:postgresql://127.0.0.1:99999/usage?password=secret",
                "jdbc:postgresql://127.0.0.1:1/usage?user=me&password=secret&sslmode=nonsense",
                "jdbc:postgresql:?password=secret%"
            })
    void unreadable(String url) {
        assertThat(new Postgres(url, "me", "secret").whyOutOfReach())
                .hasValueSatisfying(why -> assertThat(why).isNotBlank().doesNotContain("secret", "\n"));
        assertThat(new Postgres(url, "me", "secret")).asString().doesNotContain("secret");
    }

    private static String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/" + database;
    }
}
