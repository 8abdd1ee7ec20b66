package dev.tokentally.persistence;

import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UserErasures;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.params.provider.Arguments;
import org.postgresql.ds.PGSimpleDataSource;

/** Real databases for tests of other rooms. */
public final class RealStores {

    private final String url;
    private final DataSource database;
    private final Store store;

    private RealStores(DataSource database) {
        this.url = database instanceof PGSimpleDataSource postgres ? postgres.getUrl() : null;
        this.database = TestDatabases.pooled(database);
        this.store = TestDatabases.opened(this.database);
    }

    /** The kinds of databases, for tests that run on each. */
    public static Stream<String> kinds() {
        return Stream.of(Database.values()).map(Database::name);
    }

    /** Each kind with each JPA provider. */
    public static Stream<Arguments> kindsAndProviders() {
        return kindsWith("eclipselink", "hibernate");
    }

    /** Each kind with each recording mode. */
    public static Stream<Arguments> kindsAndModes() {
        return kindsWith("sync", "write-behind");
    }

    private static Stream<Arguments> kindsWith(String... others) {
        return kinds().flatMap(kind -> Stream.of(others).map(other -> Arguments.of(kind, other)));
    }

    /** An empty database of a kind, with our tables. */
    public static RealStores of(String kind) {
        return new RealStores(TestDatabases.withTables(Database.valueOf(kind)));
    }

    /** Makes the same, but writes through another JPA provider than the usual one. */
    public static RealStores of(String kind, String provider) {
        TestDatabases.provider = provider;
        try {
            return of(kind);
        } finally {
            TestDatabases.provider = TestDatabases.USUAL_PROVIDER;
        }
    }

    /** Connects to the same database as another user. */
    public RealStores as(String user) {
        PGSimpleDataSource other = new PGSimpleDataSource();
        other.setUrl(url);
        other.setUser(user);
        return new RealStores(other);
    }

    /** Connects to the same PostgreSQL through another port, and waits for an answer for so many seconds. */
    public RealStores through(int port, int socketTimeout) {
        PGSimpleDataSource other = new PGSimpleDataSource();
        other.setUrl(url);
        other.setPortNumbers(new int[] {port});
        other.setUser("postgres");
        other.setSocketTimeout(socketTimeout);
        return new RealStores(other);
    }

    /** The port of PostgreSQL. */
    public int port() {
        PGSimpleDataSource postgres = new PGSimpleDataSource();
        postgres.setUrl(url);
        return postgres.getPortNumbers()[0];
    }

    public UsageRepository repository() {
        return new JpaUsageRepository(store);
    }

    /** The reader is never stopped. Its threads end with the process. */
    public RecordingNodes nodes() {
        return new JpaRecordingNodes(store, reader());
    }

    private StoreReader reader() {
        StoreReader reader = new StoreReader(store, new Settings(new MapConfig(Map.of())));
        reader.start(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        return reader;
    }

    /** A node that erases users, with a key or without (null). Its clocks are ahead by the given number of nanoseconds. */
    public ErasingNode node(String key, LongSupplier ahead) {
        Settings settings =
                new Settings(new MapConfig(key == null ? Map.of() : Map.of("tokentally.user.hash-key", key)));
        KnownErasures known = new KnownErasures(
                store,
                settings.userHash(),
                new Clocks(
                        () -> System.nanoTime() + ahead.getAsLong(),
                        () -> System.currentTimeMillis() + ahead.getAsLong() / 1_000_000));
        return new ErasingNode(new JpaUsageRepository(store, known), new JpaUserErasures(store, reader(), known));
    }

    /** The repository through which a node writes, and the erasures that it knows. */
    public record ErasingNode(UsageRepository repository, UserErasures erasures) {}

    public void execute(String... statements) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public List<String> texts(String query) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> texts = new ArrayList<>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public long count(String query) {
        return Long.parseLong(texts(query).get(0));
    }
}
