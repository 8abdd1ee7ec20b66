package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The parameters of GET /usage/calls")
class CallsQueryTest {

    @Test
    @DisplayName("are a limit from 1 to 1000, 20 where there is none")
    void limit() {
        assertThat(CallsQuery.of(Map.of()).limit()).isEqualTo(20);
        assertThat(CallsQuery.of(Map.of("limit", List.of("1"))).limit()).isEqualTo(1);
        assertThat(CallsQuery.of(Map.of("limit", List.of("1000"))).limit()).isEqualTo(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "1001", "-1", "+5", "1.0", "x", " 5", "٥", "99999999999999999999"})
    @DisplayName("are refused with the name of the one that is wrong")
    void wrong(String limit) {
        assertThat(refusal(Map.of("limit", List.of(limit)))).hasMessageContaining("limit must be a whole number");
    }

    @Test
    @DisplayName("are refused when one is there twice or unknown")
    void twiceOrUnknown() {
        assertThat(refusal(Map.of("limit", List.of("1", "1")))).hasMessageContaining("limit is there 2 times");
        assertThat(refusal(Map.of("tenant", List.of("acme")))).hasMessageContaining("unknown parameter tenant");
    }

    private static ProblemException refusal(Map<String, List<String>> parameters) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> CallsQuery.of(parameters));
        assertThat(refused.problem().kind()).isEqualTo(ProblemKind.VALIDATION_ERROR);
        return refused;
    }
}
