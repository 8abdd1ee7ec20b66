package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A template of a statement")
final class SqlTemplateTest {

    @Test
    @DisplayName("takes each value as it is, even if the value looks like a placeholder")
    void fills() {
        assertThat(SqlTemplate.fill(
                        "do $$ lock ${table}; drop ${table}; count ${count} $$",
                        Map.of("table", "\"${count} $1 \\\".calls", "count", 3)))
                .isEqualTo("do $$ lock \"${count} $1 \\\".calls; drop \"${count} $1 \\\".calls; count 3 $$");
    }

    @Test
    @DisplayName("is refused if a placeholder has no value")
    void missing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SqlTemplate.fill("drop table ${table}", Map.of("tables", "calls")))
                .withMessage("no value for ${table}");
    }
}
