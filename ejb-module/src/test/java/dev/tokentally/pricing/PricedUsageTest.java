package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.llm.Meter;
import dev.tokentally.llm.UsageDoubt;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A usage for which a price is wanted")
class PricedUsageTest {

    @Test
    @DisplayName("cannot be changed, neither by who makes it nor by who gets it")
    void unmodifiable() {
        Map<Meter, Long> quantities = new EnumMap<>(Map.of(Meter.INPUT_TOKENS, 7L));
        Set<UsageDoubt> doubts = EnumSet.of(UsageDoubt.INCOMPLETE);
        PricedUsage usage = new PricedUsage("p", "m", "chat", Instant.EPOCH, "", quantities, doubts, "");
        quantities.put(Meter.OUTPUT_TOKENS, 8L);
        doubts.clear();

        assertThat(usage.quantities()).isEqualTo(Map.of(Meter.INPUT_TOKENS, 7L));
        assertThat(usage.doubts()).containsExactly(UsageDoubt.INCOMPLETE);
        assertThatThrownBy(() -> usage.quantities().put(Meter.INPUT_TOKENS, 0L))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> usage.doubts().clear()).isInstanceOf(UnsupportedOperationException.class);
    }
}
