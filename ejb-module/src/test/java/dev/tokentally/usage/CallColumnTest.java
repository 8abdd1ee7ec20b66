package dev.tokentally.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The columns of a call")
class CallColumnTest {

    private static final Instant START = Instant.parse("2026-10-25T01:30:00.123456Z");

    private static final List<CallRecord> CALLS =
            List.of(Calls.metered("acme", START), Calls.ok("acme", START), Calls.failed("acme", START));

    @Test
    @DisplayName("give back the record from which their values were taken, also through text")
    void roundTrip() {
        for (CallRecord call : CALLS) {
            Map<CallColumn<?>, Object> values = values(call);
            assertThat(CallColumn.read(values::get)).isEqualTo(call);

            CallColumn.ALL.forEach(column -> values.put(column, column.parse(column.textOf(call))));
            assertThat(CallColumn.read(values::get)).isEqualTo(call);
        }
    }

    @Test
    @DisplayName(
            "each have a value other than the default in at least one sample, so that the tests of every writer cover them")
    void samples() {
        for (CallColumn<?> column : CallColumn.ALL) {
            assertThat(CALLS).as(column.columnName()).anyMatch(call -> !column.isAbsentIn(call));
        }
    }

    @Test
    @DisplayName("of the first release are always these, since the spool writes them without their names")
    void firstRelease() {
        assertThat(CallColumn.FIRST_RELEASE)
                .isEqualTo(CallColumn.ALL.subList(0, CallColumn.FIRST_RELEASE.size()))
                .extracting(CallColumn::columnName)
                .containsExactly(
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
                        "error_class");
    }

    @Test
    @DisplayName("that came after the first release have their defaults in a record without them")
    void absent() {
        Map<CallColumn<?>, Object> values = values(CALLS.get(0));
        CallColumn.ALL
                .subList(CallColumn.FIRST_RELEASE.size(), CallColumn.ALL.size())
                .forEach(values::remove);

        CallRecord call = CallColumn.read(values::get);
        CallUsage usage = call.usage();

        assertThat(usage.serviceTier()).isEmpty();
        assertThat(usage.kind()).isEqualTo("chat");
        assertThat(usage.tokens().meters()).isEmpty();
        assertThat(usage.tokens().doubts()).isEmpty();
        assertThat(usage.requestedModel()).isNull();
        assertThat(call.origin()).isEqualTo(new CallOrigin(call.callId(), call.tenantId(), call.operation()));
        assertThat(call.links()).isEqualTo(CallLinks.NONE);
    }

    @Test
    @DisplayName("are read even if a later release wrote a label, a meter or a doubt that this one does not know")
    void unknown() {
        Map<String, Object> later = Map.of(
                "cost_source",
                "by-the-stars",
                "status",
                "cancelled",
                "kind",
                "video",
                "service_tier",
                "eco",
                "meters",
                "web_searches=2 moon_minutes=3 what=? =4 x",
                "usage_doubts",
                "incomplete moonlit ?");
        Map<CallColumn<?>, Object> values = values(CALLS.get(0));
        Set<String> replaced = new HashSet<>();
        values.replaceAll((column, value) -> {
            Object other = later.get(column.columnName());
            if (other != null) {
                replaced.add(column.columnName());
            }
            return other == null ? value : other;
        });
        assertThat(replaced).isEqualTo(later.keySet());

        CallRecord call = CallColumn.read(values::get);

        assertThat(call.costSource()).isEqualTo(CostSource.NONE);
        assertThat(call.outcome()).isEqualTo(CallOutcome.OK);
        assertThat(call.usage().kind()).isEqualTo("video");
        assertThat(call.usage().serviceTier()).isEqualTo("eco");
        assertThat(call.tokens().meters()).isEqualTo(Map.of("web_searches", 2L, "moon_minutes", 3L));
        assertThat(call.tokens().doubts()).isEqualTo(Set.of("incomplete", "moonlit", "contradictory"));
    }

    @Test
    @DisplayName("keep a meter of 0, which says that two parts do not overlap")
    void zero() {
        Map<CallColumn<?>, Object> values = values(CALLS.get(1));
        values.put(CallColumn.METERS, "cache_audio_read_tokens=0 input_audio_tokens=7");

        CallRecord call = CallColumn.read(values::get);

        assertThat(call.tokens().meters()).isEqualTo(Map.of("cache_audio_read_tokens", 0L, "input_audio_tokens", 7L));
        assertThat(CallColumn.METERS.of(call)).isEqualTo("cache_audio_read_tokens=0 input_audio_tokens=7");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("leave a call without a price if its meters or doubts cannot be read completely")
    @CsvSource({
        "meters, web_searches=2 what=?",
        "meters, web_searches",
        "meters, web_searches=-2",
        "meters, web_searches=2.5",
        "meters, web_searches=9223372036854775808",
        "meters, web_searches=2 web_searches=3",
        "meters, 'web_searches=2,input_audio_tokens=3'",
        "meters, Web_Searches=2",
        "usage_doubts, ?",
        "usage_doubts, Incomplete"
    })
    void unreadable(String column, String text) {
        Map<CallColumn<?>, Object> values = values(CALLS.get(1));
        values.replaceAll((each, value) -> each.columnName().equals(column) ? text : value);

        assertThat(CallColumn.read(values::get).tokens().doubts()).isEqualTo(Set.of("contradictory"));
    }

    @Test
    @DisplayName("are read even if their doubts fill the column and the meters cannot be read")
    void longDoubts() {
        Map<CallColumn<?>, Object> values = values(CALLS.get(1));
        values.put(CallColumn.METERS, "?");
        values.put(CallColumn.USAGE_DOUBTS, "a".repeat(TokenCounts.DOUBTS_LENGTH));

        assertThat(CallColumn.read(values::get).tokens().doubts()).isEqualTo(Set.of("contradictory"));
    }

    private static Map<CallColumn<?>, Object> values(CallRecord call) {
        Map<CallColumn<?>, Object> values = new HashMap<>();
        CallColumn.ALL.forEach(column -> values.put(column, column.of(call)));
        return values;
    }
}
