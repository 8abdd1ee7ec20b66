package dev.tokentally.persistence;

import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/**
 * Lets a script run again that was interrupted. H2 commits each statement by itself, and Flyway writes down that a script has run
 * after its last statement. So a process that is killed in between leaves half of a script's changes, and the script would fail on
 * them for ever. Scripts with "if not exists" in each statement can run again as they are. For the others, this class takes the
 * changes back. It does not change the scripts, since Flyway refuses tables of a script with another checksum.
 */
final class H2HalfScripts {

    private static final Logger LOG = QuietLog.of(H2HalfScripts.class);

    /** The columns of script V1, in their order. */
    private static final List<String> FIRST = List.of(
            "id",
            "call_id",
            "tenant_id",
            "operation",
            "started_at",
            "call_duration_ms",
            "first_token_ms",
            "provider",
            "model",
            "input_tokens",
            "output_tokens",
            "cached_input_tokens",
            "cache_write_tokens",
            "reasoning_tokens",
            "cost_usd",
            "cost_source",
            "status",
            "error_class",
            "created_at");

    /** The condition for a row in which somebody has written a value into a column of the script. */
    private static final String HAS_METERS =
            "service_tier <> '' or kind <> 'chat' or meters <> '' or usage_doubts <> ''";

    private static final String HAS_ATTRIBUTES =
            "coalesce(user_id, session_id, environment, tags, trace_id, span_id, response_id, requested_model) is not null";

    private static final String FORGET = """
            delete from "HISTORY"
             where not "success" and "installed_rank" = (select max("installed_rank") from "HISTORY")""".replace("HISTORY", Schema.HISTORY);

    private H2HalfScripts() {}

    /** Forgets that a script failed, if no later script has run. Flyway would otherwise refuse to run any. */
    static void forgetFailure(DataSource database) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(FORGET);
            boolean forgot = statement.getUpdateCount() > 0;
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
            if (forgot) {
                LOG.log(Level.INFO, "The last upgrade of the tables failed or was interrupted, and runs again");
            }
        } catch (SQLException e) {
            if (!StoreFailures.isNoTable(e)) {
                throw e;
            }
        }
    }

    /** Takes back what an interrupted run of the script has left. */
    static void takeBack(String script, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            switch (script) {
                case "V1__llm_calls.sql" -> {
                    if (columns(statement).equals(FIRST) && isEmpty("llm_calls", statement)) {
                        statement.execute("drop table llm_calls");
                    }
                }
                case "V2__newest_calls_first.sql" -> {
                    statement.execute("create index if not exists llm_calls_tenant_started on llm_calls (tenant_id)");
                    statement.execute("create index if not exists llm_calls_started on llm_calls (started_at)");
                }
                case "V4__meters.sql" -> {
                    drop("service_tier, kind, meters, usage_doubts", HAS_METERS, statement);
                    statement.execute("alter table llm_calls add constraint if not exists llm_calls_cost_source"
                            + " check (cost_source in ('provider', 'price-list', 'none'))");
                }
                case "V6__attributes.sql" ->
                    drop(
                            "user_id, session_id, environment, tags, trace_id, span_id, response_id, requested_model",
                            HAS_ATTRIBUTES,
                            statement);
                default -> {
                    // It can run again as it is.
                }
            }
        }
    }

    /** If somebody has written into the columns, they stay, and the script fails. */
    private static void drop(String columns, String hasValues, Statement statement) throws SQLException {
        boolean areThere = columns(statement).containsAll(List.of(columns.split(", ")));
        if (areThere && isEmpty("llm_calls where " + hasValues, statement)) {
            statement.execute("alter table llm_calls drop column " + columns);
        }
    }

    private static List<String> columns(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(
                "select listagg(lower(column_name), ',') within group (order by ordinal_position)"
                        + " from information_schema.columns"
                        + " where lower(table_name) = 'llm_calls' and table_schema = current_schema")) {
            row.next();
            String names = row.getString(1);
            return names == null ? List.of() : List.of(names.split(","));
        }
    }

    private static boolean isEmpty(String rows, Statement statement) throws SQLException {
        try (ResultSet any = statement.executeQuery("select 1 from " + rows + " fetch first row only")) {
            return !any.next();
        }
    }
}
