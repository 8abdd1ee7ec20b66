package dev.tokentally.web.body;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An id in a path")
class PathIdTest {

    private static final String ID = "01890a5d-ac96-774b-bcce-b302099a8057";

    @Test
    @DisplayName("may be in upper and in lower case")
    void cases() {
        assertThat(PathId.of(ID)).hasValue(UUID.fromString(ID));
        assertThat(PathId.of("01890A5D-AC96-774B-bcce-B302099A8057")).hasValue(UUID.fromString(ID));
    }

    @ParameterizedTest
    @DisplayName("is none in any other than its usual form")
    @ValueSource(
            strings = {
                "",
                "1-1-1-1-1",
                "01890a5d-ac96-774b-bcce-b302099a805",
                "{01890a5d-ac96-774b-bcce-b302099a8057}",
                "01890a5dac96774bbcceb302099a8057"
            })
    void other(String text) {
        assertThat(PathId.of(text)).isEmpty();
    }
}
