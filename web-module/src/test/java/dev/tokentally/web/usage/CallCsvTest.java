package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A cell of CSV")
class CallCsvTest {

    @ParameterizedTest
    @DisplayName("is made harmless if a spreadsheet would run it")
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
                "\r",
                "\n1",
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
    @DisplayName("is made harmless wherever a spreadsheet with other separators would begin a cell")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "x;=cmd|'/c calc'!A1 ~ x;'=cmd|'/c calc'!A1",
                "x,=1 ~ x,'=1",
                "x|@SUM(A1);-1 ~ x|'@SUM(A1);'-1",
                "x; =1 ~ x;' =1",
                "x;\"=1\" ~ x;'\"=1\"",
                "\"=1\" ~ '\"=1\"",
                "'=1 ~ ''=1",
                "{\"team\":\"r;=1\"} ~ {\"team\":\"r;'=1\"}",
                "x;'=1 ~ x;''=1",
                "=1;+2 ~ '=1;'+2"
            })
    void separated(String cell, String defused) {
        assertThat(CallCsv.harmless(cell)).isEqualTo(defused);
    }

    @ParameterizedTest
    @DisplayName("is made harmless after a tab and after each kind of line end")
    @ValueSource(strings = {"\t", "\r", "\n", "\u000b", "\f", "\u0085", "\u2028", "\u2029"})
    void invisibleSeparators(String separator) {
        assertThat(CallCsv.harmless(separator + "=1")).endsWith(separator + "'=1");
        assertThat(CallCsv.harmless("x" + separator + "=1")).isEqualTo("x" + separator + "'=1");
    }

    @Test
    @DisplayName("has its old text again after each added apostrophe is removed")
    void roundTrip() {
        Random random = new Random(1);
        String signs = "=+-@;,|\t\r\n'\" x1";
        for (int i = 0; i < 20_000; i++) {
            String cell = random.ints(random.nextInt(8), 0, signs.length())
                    .mapToObj(sign -> signs.substring(sign, sign + 1))
                    .collect(Collectors.joining());
            String back = CallCsv.harmless(cell)
                    .replaceAll("(?:^|(?<=[;,|\t\r\n]))'(?='*[\t\r\n]|[\\p{Cntrl}\\p{Z}\\p{Cf}\"']*[=+\\-@])", "");
            assertThat(back).isEqualTo(cell);
        }
    }

    @ParameterizedTest
    @DisplayName("stays unchanged if it is only text")
    @ValueSource(
            strings = {
                "",
                "acme",
                "gpt-4o",
                "a=1",
                "o'brien & sons",
                "Zürich-Hilfe",
                "1-2",
                "🦊",
                "a,b",
                "a; b|c",
                "\"q\""
            })
    void text(String cell) {
        assertThat(CallCsv.harmless(cell)).isEqualTo(cell);
    }
}
