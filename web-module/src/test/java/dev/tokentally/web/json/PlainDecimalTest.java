package dev.tokentally.web.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A decimal in JSON")
class PlainDecimalTest {

    @ParameterizedTest
    @CsvSource({
        "0E-10, 0",
        "0.0, 0",
        "1E-10, 0.0000000001",
        "1.5000000000, 1.5",
        "1E+3, 1000",
        "9999999999.9999999999, 9999999999.9999999999"
    })
    @DisplayName("has no exponent, whatever its scale")
    void plain(BigDecimal number, String written) {
        byte[] json = JsonBody.object(object -> object.write("n", PlainDecimal.of(number)));

        assertThat(new String(json, StandardCharsets.UTF_8)).isEqualTo("{\"n\":" + written + "}");
    }
}
