package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.math.BigDecimal;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A price")
class PriceTest {

    @Test
    @DisplayName("of a part that has none of its own is that of its whole")
    void fallback() {
        Price price = Price.of(new BigDecimal("2.50"), null, null, new BigDecimal("10.0"), null);

        assertThat(price.costOf(new TokenCounts(100, 10, 60, 20, 5))).isEqualByComparingTo("0.00035");
        assertThat(price)
                .isEqualTo(Price.of(
                        new BigDecimal("2.5"),
                        new BigDecimal("2.500"),
                        new BigDecimal("2.5"),
                        new BigDecimal("10"),
                        new BigDecimal("10")));
    }

    @Test
    @DisplayName("counts no input token twice where cached and written together are more than the input")
    void partsBeyondTheWhole() {
        Price price = Price.of(
                new BigDecimal("100"), new BigDecimal("1"), new BigDecimal("10"), new BigDecimal("1000"), null);

        // 80 are written, so of the 60 that are said to be cached 20 are left.
        assertThat(price.costOf(new TokenCounts(100, 0, 60, 80, 0))).isEqualByComparingTo("0.00082");
        assertThat(price.costOf(new TokenCounts(100, 0, 100, 100, 0))).isEqualByComparingTo("0.001");
    }

    @ParameterizedTest(name = "{0} dollars for a million: a token costs {1}")
    @DisplayName("becomes a cost that is rounded half even at the tenth decimal")
    @CsvSource({
        "0.00015, 0.0000000002",
        "0.00025, 0.0000000002",
        "0.000250001, 0.0000000003",
        "0.00004, 0.0000000000",
        "0, 0.0000000000",
        "100000, 0.1000000000",
    })
    void rounded(BigDecimal input, BigDecimal cost) {
        Price price = Price.of(input, null, null, input, null);

        assertThat(Cost.listed(price.costOf(new TokenCounts(1, 0, 0, 0, 0))))
                .isEqualTo(new Cost(cost, CostSource.PRICE_LIST));
    }

    @Test
    @DisplayName("that makes more than the column holds makes nothing")
    void beyondTheColumn() {
        assertThat(Cost.listed(new BigDecimal("9999999999.9999999999")).source())
                .isEqualTo(CostSource.PRICE_LIST);
        assertThat(Cost.listed(new BigDecimal("9999999999.99999999995"))).isEqualTo(Cost.UNKNOWN);
    }
}
