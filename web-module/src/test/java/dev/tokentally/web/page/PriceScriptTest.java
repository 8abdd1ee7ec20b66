package dev.tokentally.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.llm.CallKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The dashboard's script about prices")
class PriceScriptTest {

    @Test
    @DisplayName("names the same kinds without an output as the module")
    void kindsWithoutOutput() throws IOException {
        String script = Files.readString(Path.of("src/main/webapp/assets/price.js"));
        Matcher kinds =
                Pattern.compile("const WITHOUT_OUTPUT = \\['([^\\]]*)'\\];").matcher(script);

        assertThat(kinds.find()).isTrue();
        assertThat(List.of(kinds.group(1).split("', '"))).containsExactlyInAnyOrderElementsOf(CallKind.WITHOUT_OUTPUT);
    }
}
