package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A cell of CSV")
class CallCsvTest {

    @ParameterizedTest
    @DisplayName("that a spreadsheet would run is defused")
    @ValueSource(
            strings = {
                "=1+1",
                "+1",
                "-1",
                "@SUM(A1)",
                " =1",
                "\u00a0=1",
                "\u200b=1",
                "\ufeff=1",
                "\u0000=1",
                "\t",
                "\r=1",
                "\n=1",
                "＝1",
                "＋1",
                "－1",
                "＠A",
                "=HYPERLINK(\"http://x\",\"y\")",
                "=cmd|'/c calc'!A1"
            })
    void formula(String cell) {
        assertThat(CallCsv.harmless(cell)).isEqualTo("'" + cell);
    }

    @ParameterizedTest
    @DisplayName("that is only text stays as it is")
    @ValueSource(strings = {"", "acme", "gpt-4o", "a=1", "o'brien & sons", "Zürich-Hilfe", "1-2", "🦊", "a,b", "\"q\""})
    void text(String cell) {
        assertThat(CallCsv.harmless(cell)).isEqualTo(cell);
    }
}
