package dev.tokentally.persistence;

import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageStoreException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** The ways in which a record gets into the table. The second write of a record is a repeat, which makes no second row. */
enum Way {

    /** A caller's own write. */
    SINGLE {

        @Override
        void write(CallRecord call, boolean again, JpaUsageRepository repository, DataSource database)
                throws UsageStoreException {
            if (again) {
                repository.storeAgain(call);
            } else {
                repository.store(call);
            }
        }
    },

    /** A batch of many records. */
    BATCH {

        @Override
        void write(CallRecord call, boolean again, JpaUsageRepository repository, DataSource database)
                throws UsageStoreException {
            repository.storeAll(List.of(call));
        }
    },

    /** The record is encoded in a file first. */
    SPOOL {

        @Override
        void write(CallRecord call, boolean again, JpaUsageRepository repository, DataSource database)
                throws UsageStoreException, IOException {
            Path directory = Files.createTempDirectory("way");
            try (Spool spool = Spool.open(new SpoolOptions(directory, 10 << 20, false))) {
                spool.append(call);
                repository.storeAll(spool.next(10).orElseThrow().records());
            } finally {
                delete(directory);
            }
        }
    },

    /** The record is written as in release 0.1, of which a node may still run. */
    JDBC_OF_0_1 {

        @Override
        void write(CallRecord call, boolean again, JpaUsageRepository repository, DataSource database)
                throws SQLException {
            try (Connection connection = database.getConnection();
                    PreparedStatement insert = connection.prepareStatement("""
                            insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, first_token_ms,
                                provider, model, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens,
                                reasoning_tokens, cost_usd, cost_source, status, error_class)
                            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")) {
                insert.setObject(1, call.id());
                insert.setObject(2, call.callId());
                insert.setString(3, call.tenantId());
                insert.setString(4, call.operation());
                insert.setObject(5, call.startedAt().atOffset(ZoneOffset.UTC));
                insert.setLong(6, call.callDuration().toMillis());
                insert.setObject(
                        7, call.firstToken() == null ? null : call.firstToken().toMillis(), Types.BIGINT);
                insert.setString(8, call.provider());
                insert.setString(9, call.model());
                insert.setInt(10, call.tokens().input());
                insert.setInt(11, call.tokens().output());
                insert.setInt(12, call.tokens().cachedInput());
                insert.setInt(13, call.tokens().cacheWrite());
                insert.setInt(14, call.tokens().reasoning());
                insert.setBigDecimal(15, call.costUsd());
                insert.setString(16, call.costSource().label());
                insert.setString(17, call.status().label());
                insert.setString(18, call.errorClass());
                insert.executeUpdate();
            } catch (SQLException refused) {
                // A repeat of release 0.1 searched by the same key whether the row is there.
                if (!again || !refused.getSQLState().equals("23505")) {
                    throw refused;
                }
            }
        }
    };

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    abstract void write(CallRecord call, boolean again, JpaUsageRepository repository, DataSource database)
            throws UsageStoreException, IOException, SQLException;
}
