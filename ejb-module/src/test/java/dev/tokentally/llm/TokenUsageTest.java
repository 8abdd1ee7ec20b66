package dev.tokentally.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The usage of a call")
class TokenUsageTest {

    static Stream<Throwable> faults() {
        return Stream.of(new IllegalStateException(), new NoClassDefFoundError(), new IOException());
    }

    @ParameterizedTest
    @DisplayName("can be made with a map and a set that throw anything, and is then incomplete")
    @MethodSource("faults")
    void broken(Throwable fault) {
        Map<String, Long> meters = new AbstractMap<>() {
            @Override
            public Set<Entry<String, Long>> entrySet() {
                throw TokenUsageTest.<RuntimeException>as(fault);
            }
        };
        Set<UsageDoubt> doubts = new AbstractSet<>() {
            @Override
            public Iterator<UsageDoubt> iterator() {
                throw TokenUsageTest.<RuntimeException>as(fault);
            }

            @Override
            public int size() {
                return 1;
            }
        };

        assertThat(new TokenUsage(1, 2, 0, 0, 0, meters, Set.of()).doubts()).containsExactly(UsageDoubt.INCOMPLETE);
        assertThat(new TokenUsage(1, 2, 0, 0, 0, Map.of("web_searches", 1L), doubts))
                .isEqualTo(new TokenUsage(1, 2, 0, 0, 0, Map.of("web_searches", 1L), Set.of(UsageDoubt.INCOMPLETE)));
        assertThat(new TokenUsage(1, 2, 0, 0, 0, meters, Set.of(UsageDoubt.OUTPUT_UNKNOWN)).doubts())
                .containsExactly(UsageDoubt.OUTPUT_UNKNOWN, UsageDoubt.INCOMPLETE);
    }

    @Test
    @DisplayName("can be made with a map that holds other types than it says, as a parser of JSON may fill it")
    @SuppressWarnings({"unchecked", "rawtypes"})
    void otherTypes() {
        Map<String, Object> parsed = new HashMap<>(Map.of("web_searches", 1));

        assertThat(new TokenUsage(1, 2, 0, 0, 0, (Map) parsed, Set.of()))
                .isEqualTo(new TokenUsage(1, 2, 0, 0, 0, Map.of(), Set.of(UsageDoubt.INCOMPLETE)));
        assertThat(new TokenUsage(1, 2, 0, 0, 0, Map.of(), (Set) Set.of("incomplete")).doubts())
                .containsExactly(UsageDoubt.INCOMPLETE);
    }

    @ParameterizedTest
    @DisplayName("has no doubt about a count that was set")
    @CsvSource({
        // the doubts, the output, the meter that is set, the doubts that are left
        "INPUT_UNKNOWN OUTPUT_UNKNOWN INCOMPLETE CONTRADICTORY, 0, input_tokens, OUTPUT_UNKNOWN INCOMPLETE CONTRADICTORY",
        "INPUT_UNKNOWN OUTPUT_UNKNOWN INCOMPLETE CONTRADICTORY, 0, output_tokens, INPUT_UNKNOWN INCOMPLETE CONTRADICTORY",
        "INPUT_UNKNOWN OUTPUT_UNKNOWN, 0, cache_read_tokens, INPUT_UNKNOWN OUTPUT_UNKNOWN",
        "INPUT_UNKNOWN OUTPUT_UNKNOWN, 0, web_searches, INPUT_UNKNOWN OUTPUT_UNKNOWN",
        "INPUT_UNKNOWN, 5, input_tokens, ''",
        "OUTPUT_UNKNOWN, 0, output_tokens, ''",
        // beside the total alone, the output is not known either
        "TOTAL_ALONE, 0, input_tokens, OUTPUT_UNKNOWN",
        "TOTAL_ALONE, 5, input_tokens, ''",
        "TOTAL_ALONE, 0, output_tokens, TOTAL_ALONE"
    })
    void setCounts(String doubts, int output, String meter, String left) {
        TokenUsage usage = TokenUsage.of(50, output);
        for (String doubt : doubts.split(" ")) {
            usage = usage.with(UsageDoubt.valueOf(doubt));
        }

        assertThat(usage.with(meter, 7).doubts().stream().map(UsageDoubt::name).collect(Collectors.joining(" ")))
                .isEqualTo(left);
    }

    @Test
    @DisplayName("of which only a total was known becomes exact if input and output are set, in any order")
    void setAfterTotal() {
        TokenUsage total = TokenUsage.of(50, 0).with(UsageDoubt.TOTAL_ALONE);

        assertThat(total.with("input_tokens", 40).with("output_tokens", 10)).isEqualTo(TokenUsage.of(40, 10));
        assertThat(total.with("output_tokens", 10).with("input_tokens", 40)).isEqualTo(TokenUsage.of(40, 10));
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> X as(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
