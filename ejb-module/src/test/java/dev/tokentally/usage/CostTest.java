package dev.tokentally.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class CostTest {

    @ParameterizedTest(name = "{0}")
    @DisplayName("a cost goes through its shortest decimal form and is rounded half even at ten decimals")
    @CsvSource({
        "0.1, 0.1000000000",
        "0.0, 0.0000000000",
        "1.0E-10, 0.0000000001",
        "5.0E-11, 0.0000000000",
        "1.5E-10, 0.0000000002",
        "2.5E-10, 0.0000000002",
        "9999999999.0, 9999999999.0000000000",
    })
    void exact(double given, BigDecimal stored) {
        assertThat(Cost.given(given)).isEqualTo(new Cost(stored, CostSource.PROVIDER));
    }

    @ParameterizedTest
    @DisplayName("an impossible cost counts as not given")
    @NullSource
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1, -1e-12, 1e300, 1e10})
    void notGiven(Double given) {
        assertThat(Cost.given(given)).isEqualTo(Cost.UNKNOWN);
        assertThat(Cost.UNKNOWN.usd()).isEqualByComparingTo("0");
        assertThat(Cost.UNKNOWN.source()).isEqualTo(CostSource.NONE);
    }
}
