package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.text.ColumnText;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.Window;
import dev.tokentally.web.problem.ProblemException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Query parameters")
class QueryParametersTest {

    private static final List<String> ENDS = List.of("from", "to");

    @Test
    @DisplayName("a missing window is open at both ends")
    void open() {
        assertThat(QueryParameters.of(Map.of(), ENDS).window()).isEqualTo(Window.ALWAYS);
    }

    @ParameterizedTest
    @DisplayName("a timestamp has an offset, and may have nanoseconds")
    @CsvSource({
        "2026-01-31T00:00:00Z, 2026-01-31T00:00:00Z",
        "2026-01-31T00:00:00+01:00, 2026-01-30T23:00:00Z",
        "2026-01-31T00:00:00.123456789-05:30, 2026-01-31T05:30:00.123456789Z",
        "2026-01-31T00:00Z, 2026-01-31T00:00:00Z"
    })
    void timestamp(String given, Instant instant) {
        assertThat(window("from", given)).isEqualTo(new Window(instant, null));
        assertThat(window("to", given)).isEqualTo(new Window(null, instant));
    }

    @ParameterizedTest
    @DisplayName("any other timestamp is refused, and the message names the parameter")
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "2026-01-31",
                "2026-01-31T00:00:00",
                "2026-01-31T00:00:00 01:00",
                "2026-02-30T00:00:00Z",
                "2026-01-31T24:00:01Z",
                "1769817600",
                "+999999999-01-01T00:00:00Z",
                "-0001-01-01T00:00:00Z",
                "2026-01-31T00:00:00Z\n",
                "' or 1=1 --"
            })
    void badTimestamp(String given) {
        assertThatThrownBy(() -> window("from", given))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("from ");
        assertThatThrownBy(() -> window("to", given))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("to ");
    }

    @ParameterizedTest
    @DisplayName("the end of a window must be after its start")
    @ValueSource(strings = {"2026-01-31T00:00:00Z", "2026-01-30T23:59:59Z"})
    void order(String to) {
        assertThatThrownBy(() -> QueryParameters.of(
                                Map.of("from", List.of("2026-01-31T00:00:00Z"), "to", List.of(to)), ENDS)
                        .window())
                .isInstanceOf(ProblemException.class)
                .hasMessage("to must be after from");
    }

    @Test
    @DisplayName("an unknown name, and a name that is there twice, are refused")
    void names() {
        assertThatThrownBy(() -> window("form", "2026-01-31T00:00:00Z"))
                .hasMessage("unknown parameter form; known are from, to");
        assertThatThrownBy(() -> QueryParameters.of(Map.of("to", List.of("a", "a")), List.of("to")))
                .hasMessage("to is there 2 times");
    }

    @ParameterizedTest
    @DisplayName("text that a database cannot hold, or that is not Unicode, is refused")
    @ValueSource(strings = {"a\u0000b", "\ud83e", "a\udd8a"})
    void impossible(String value) {
        assertThatThrownBy(() -> QueryParameters.of(Map.of("model", List.of(value)), List.of("model")))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("model ");
    }

    @ParameterizedTest
    @DisplayName("every other character may be in a name that is recorded, so it may be in a filter")
    @ValueSource(strings = {"a\ufffdb\ufffd", "a\nb\tc", "\u007f", "\u0085", "\u2028", "\ud83e\udd8a"})
    void recorded(String value) {
        String recorded = ColumnText.fit(value, CallRecord.MODEL_LENGTH);

        assertThat(parameters("model", recorded).text("model")).isEqualTo(value);
    }

    @ParameterizedTest
    @DisplayName("a UUID is refused in any other than its usual form")
    @ValueSource(
            strings = {"", "1-1-1-1-1", "01890a5d-ac96-774b-bcce-b302099a805", "{01890a5d-ac96-774b-bcce-b302099a8057}"
            })
    void uuid(String value) {
        assertThatThrownBy(() -> parameters("call_id", value).uuid("call_id"))
                .hasMessageStartingWith("call_id must be");
    }

    @ParameterizedTest
    @DisplayName("a number must be whole and in its range")
    @ValueSource(strings = {"", "0", "-1", "+1", "1.0", "1e3", "101", "99999999999999999999", "١"})
    void number(String value) {
        assertThatThrownBy(() -> parameters("limit", value).number("limit", 100, 20))
                .hasMessage("limit must be a whole number from 1 to 100");
        assertThat(parameters("limit", "100").number("limit", 100, 20)).isEqualTo(100);
        assertThat(QueryParameters.of(Map.of(), List.of("limit")).number("limit", 100, 20))
                .isEqualTo(20);
    }

    @Test
    @DisplayName("a choice must be one of the values that the refusal names")
    void choice() {
        List<CallStatus> all = Arrays.asList(CallStatus.values());

        assertThat(parameters("status", "error").choice("status", all, CallStatus::label))
                .isEqualTo(CallStatus.ERROR);
        assertThatThrownBy(() -> parameters("status", "ERROR").choice("status", all, CallStatus::label))
                .hasMessage("status must be one of ok, error");
    }

    private static Window window(String name, String value) {
        return QueryParameters.of(Map.of(name, List.of(value)), ENDS).window();
    }

    private static QueryParameters parameters(String name, String value) {
        return QueryParameters.of(Map.of(name, List.of(value)), List.of(name));
    }
}
