package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.pricing.Repricing;
import dev.tokentally.pricing.RepricingState;
import dev.tokentally.pricing.RepricingStatus;
import dev.tokentally.pricing.Repricings;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.TokenCounts;
import dev.tokentally.usage.Window;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("Rows that somebody else has written, as the table allows,")
class ForeignRowsTest {

    private static final String PRICES = """
            provider,model,from,input,cached_input,cache_write,output,reasoning
            openai,gpt-4o,2025-01-01,2.50,1.25,,10,
            """;

    private static final TokenCounts PLAIN = new TokenCounts(10, 10, 0, 0, 0);

    private int inserted;

    @ParameterizedTest
    @DisplayName("are listed and repriced if a part of their tokens exceeds its whole; such a row gets no price")
    @EnumSource(Database.class)
    void partsAboveTheirWholes(Database kind) throws Exception {
        DataSource database = TestDatabases.withTables(kind);
        Store store = TestDatabases.opened(database);
        insert(database, "'gpt-4o', 10, 10, 0, 0, 0");
        insert(database, "'gpt-4o', 5, 7, 2000, 0, 0");
        insert(database, "'gpt-4o', 5, 7, 0, 6, 0");
        insert(database, "'gpt-4o', 5, 7, 0, 0, 8");
        insert(database, "'gpt-4o', 10, 10, 0, 0, 0");

        assertThat(pages(store))
                .extracting(CallRecord::tokens)
                .containsExactly(PLAIN, cut(0, 0, 7), cut(0, 5, 0), cut(5, 0, 0), PLAIN);

        Repricing repricing = Repricings.of(PRICES, new JpaUsageRepricing(store));
        repricing.begin(Window.ALWAYS, false);
        RepricingStatus repriced = Repricings.awaitEnd(repricing);
        assertThat(repriced.state()).isEqualTo(RepricingState.DONE);
        assertThat(repriced.callsRead()).isEqualTo(5);
        assertThat(repriced.total().changes()).isEqualTo(2);
        assertThat(repriced.total().withoutPrice()).isEqualTo(3);
    }

    /** PostgreSQL counts an emoji as one character, and Java counts it as two. */
    @Test
    @DisplayName("are listed with shortened texts if PostgreSQL takes a longer text than a record can have")
    void longTexts() throws Exception {
        DataSource database = TestDatabases.withTables(Database.POSTGRESQL);
        Store store = TestDatabases.opened(database);
        insert(database, "repeat('😀', 200), 10, 10, 0, 0, 0");
        TestDatabases.execute(database, """
                update llm_calls set tenant_id = repeat('😀', 255), operation = repeat('😀', 64), provider = repeat('😀', 64),
                    status = 'error', error_class = repeat('😀', 128), service_tier = repeat('😀', 32), kind = repeat('😀', 16),
                    meters = repeat('😀', 1000), usage_doubts = repeat('😀', 128), user_id = repeat('😀', 255),
                    session_id = repeat('😀', 255), environment = repeat('😀', 64), tags = repeat('😀', 5000),
                    trace_id = repeat('😀', 32), span_id = repeat('😀', 16), response_id = repeat('😀', 255),
                    requested_model = repeat('😀', 255)""");

        assertThat(pages(store)).singleElement().satisfies(call -> {
            assertThat(call.model()).isEqualTo("😀".repeat(127));
            assertThat(call.operation()).isEqualTo("😀".repeat(32));
            assertThat(call.tokens().doubts()).containsExactly("contradictory");
        });
    }

    private static TokenCounts cut(int cachedInput, int cacheWrite, int reasoning) {
        return new TokenCounts(5, 7, cachedInput, cacheWrite, reasoning, Map.of(), Set.of("contradictory"));
    }

    /** All calls, newest first, in pages of two as a reader of the API gets them. */
    private static List<CallRecord> pages(Store store) throws Exception {
        List<CallRecord> all = new ArrayList<>();
        CallPosition after = null;
        while (true) {
            List<CallRecord> page = Reports.of(store).callsOfAll(CallFilter.ALL, after, 2);
            if (page.isEmpty()) {
                return all;
            }
            all.addAll(page);
            after = CallPosition.after(page.get(page.size() - 1));
        }
    }

    /** The later a row is inserted, the later its call has started. */
    private void insert(DataSource database, String modelAndTokens) throws SQLException {
        inserted++;
        String number = String.format(Locale.ROOT, "%012d", inserted);
        TestDatabases.execute(
                database,
                "insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,"
                        + " input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,"
                        + " cost_source, status) values ('01990000-0000-7000-8000-" + number
                        + "', '01990000-0000-7000-8000-" + number
                        + "', 'acme', 'chat', timestamp with time zone '2026-01-01 00:00:0" + inserted + "+00', 1,"
                        + " 'openai', " + modelAndTokens + ", 0, 'none', 'ok')");
    }
}
