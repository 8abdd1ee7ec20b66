package dev.tokentally.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> X as(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
