package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.Window;
import dev.tokentally.web.problem.ProblemException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The parameters of a list of calls")
class CallsQueryTest {

    private static final CallPosition POSITION =
            new CallPosition(Instant.parse("2026-01-31T00:00:00.123456Z"), UUID.randomUUID());

    @Test
    @DisplayName("all of them are optional")
    void allOptional() {
        assertThat(CallsQuery.of("acme", Map.of(), 20)).isEqualTo(new CallsQuery("acme", CallFilter.ALL, null, 20));
        assertThat(CallsQuery.ofAll(Map.of(), 20)).isEqualTo(new CallsQuery(null, CallFilter.ALL, null, 20));
    }

    @Test
    @DisplayName("each of them narrows the list, and an empty model means the unknown model")
    void all() {
        UUID callId = UUID.randomUUID();

        assertThat(CallsQuery.ofAll(
                        Map.of(
                                "tenant", List.of("acme"),
                                "from", List.of("2026-01-01T00:00:00Z"),
                                "operation", List.of("chat"),
                                "model", List.of(""),
                                "status", List.of("error"),
                                "call_id", List.of(callId.toString()),
                                "cursor", List.of(Cursor.of(POSITION)),
                                "limit", List.of("1000000")),
                        20))
                .isEqualTo(new CallsQuery(
                        "acme",
                        new CallFilter(
                                new Window(Instant.parse("2026-01-01T00:00:00Z"), null),
                                "chat",
                                "",
                                CallStatus.ERROR,
                                callId),
                        POSITION,
                        1_000_000));
    }

    @Test
    @DisplayName("only an admin may name a tenant")
    void tenant() {
        assertThatThrownBy(() -> CallsQuery.of("acme", Map.of("tenant", List.of("acme")), 20))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("unknown parameter tenant");
    }

    @ParameterizedTest
    @DisplayName("an invented cursor is refused")
    @ValueSource(strings = {"", "AAAA", "!", "null", "' or 1=1 --", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void cursor(String cursor) {
        assertThatThrownBy(() -> CallsQuery.of("acme", Map.of("cursor", List.of(cursor)), 20))
                .isInstanceOf(ProblemException.class)
                .hasMessage("cursor is not one that this API gave as next_cursor");
    }

    @ParameterizedTest
    @DisplayName("a cursor with a time that no database can hold is refused")
    @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE})
    void timeOfCursor(long micros) {
        byte[] bytes = ByteBuffer.allocate(24).putLong(micros).array();

        cursor(Base64.getUrlEncoder().encodeToString(bytes));
    }
}
