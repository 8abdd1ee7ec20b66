package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.model.output.structured.Description;
import dev.tokentally.llm.TokenUsage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An answer that is turned into a record")
class StructuredAnswerTest {

    private static final KnownUsage KNOWN =
            new KnownUsage("openai", "m", new Used(TokenUsage.of(88, 12), "", null), "m", null);

    enum Colour {
        RED,
        DARK_BLUE
    }

    record Part(String name, int count) {}

    @Description("Everything that there is")
    record Everything(
            @Description({"What it is", "called"}) String text,
            boolean yes,
            Integer number,
            long large,
            double fraction,
            BigInteger whole,
            BigDecimal exact,
            Colour colour,
            Part part,
            List<Part> parts,
            Set<String> words,
            Collection<Colour> colours,
            int[] array,
            Optional<String> note) {}

    private static final String ALL = """
            {"text": "a", "yes": true, "number": -3, "large": 9007199254740993, "fraction": 1.5e3,
             "whole": 123456789012345678901234567890, "exact": 0.10000000000000000001, "colour": "DARK_BLUE",
             "part": {"name": "p", "count": 3.0}, "parts": [{"name": "q", "count": 1}, {"count": 2, "name": "r"}],
             "words": ["b", "a", "b"], "colours": [], "array": [2, 1], "note": "n"}
            """;

    @Test
    @DisplayName("keeps every value as the model answered it, to the last digit")
    void bound() {
        Everything answer = read(Everything.class, ALL);

        assertThat(answer.array()).containsExactly(2, 1);
        assertThat(answer)
                .usingRecursiveComparison()
                .ignoringFields("array")
                .isEqualTo(new Everything(
                        "a",
                        true,
                        -3,
                        9007199254740993L,
                        1500.0,
                        new BigInteger("123456789012345678901234567890"),
                        new BigDecimal("0.10000000000000000001"),
                        Colour.DARK_BLUE,
                        new Part("p", 3),
                        List.of(new Part("q", 1), new Part("r", 2)),
                        Set.of("b", "a"),
                        List.of(),
                        null,
                        Optional.of("n")));
    }

    @Test
    @DisplayName("may omit a field, or set it to null, only if the field is optional")
    void optional() {
        record Note(Optional<Integer> number) {}

        assertThat(read(Note.class, "{}").number()).isEmpty();
        assertThat(read(Note.class, "{\"number\":null}").number()).isEmpty();
        assertThat(read(Note.class, "{\"number\":1}").number()).contains(1);
        assertThatThrownBy(() -> read(Note.class, "{\"number\":\"1\"}")).isInstanceOf(SchemaViolationException.class);
    }

    @Test
    @DisplayName("may come in a block of Markdown")
    void fenced() {
        assertThat(read(Part.class, "```json\n{\"name\":\"p\",\"count\":1}\n```\n"))
                .isEqualTo(new Part("p", 1));
        assertThat(read(Part.class, "\n```\n{\"name\":\"p\",\"count\":1}\n```")).isEqualTo(new Part("p", 1));
    }

    @ParameterizedTest
    @DisplayName("is refused if it is not exactly one JSON value, and the message quotes none of it")
    @ValueSource(
            strings = {
                "",
                "Sure! secret",
                "{\"name\":\"secret\",\"count\":1",
                "{\"name\":\"secret\",\"count\":1} secret",
                "{\"name\":\"secret\",\"count\":1}{}",
                "{\"name\":\"secret\",\"name\":\"secret\",\"count\":1}",
                "{'name':'secret','count':1}",
                "{\"name\":\"secret\",\"count\":NaN}",
                "Here it is:\n```json\n{\"name\":\"secret\",\"count\":1}\n```"
            })
    void malformed(String answer) {
        assertThatThrownBy(() -> read(Part.class, answer)).satisfies(thrown -> {
            assertThat(thrown)
                    .isInstanceOf(answer.isEmpty() ? SchemaViolationException.class : MalformedAnswerException.class);
            assertThat(thrown).hasNoCause();
            assertThat(thrown.getMessage()).doesNotContain("secret");
        });
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is refused if it does not fit the record, and the message names the place without the value")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | Order must be an object, found an array",
                "null | Order must be an object, found null",
                "{} | Order.name must be text, found nothing",
                "{\"name\":null} | Order.name must be text, found null",
                "{\"name\":7} | Order.name must be text, found a number",
                "{\"name\":\"secret\",\"parts\":{}} | Order.parts must be an array, found an object",
                "{\"name\":\"secret\",\"parts\":[{\"name\":\"secret\",\"count\":1},{\"name\":\"secret\",\"count\":\"2\"}]} | Order.parts[1].count must be a whole number of 32 bits, found text",
                "{\"name\":\"secret\",\"parts\":[null]} | Order.parts[0] must be an object, found null",
                "{\"name\":\"secret\",\"parts\":[{\"name\":\"secret\",\"count\":1.5}]} | Order.parts[0].count must be a whole number of 32 bits, found another number",
                "{\"name\":\"secret\",\"parts\":[{\"name\":\"secret\",\"count\":2147483648}]} | Order.parts[0].count must be a whole number of 32 bits, found another number",
                "{\"name\":\"secret\",\"parts\":[],\"colour\":\"secret\"} | Order.colour must be one of [RED, DARK_BLUE], found another text",
                "{\"name\":\"secret\",\"parts\":[],\"colour\":0} | Order.colour must be one of [RED, DARK_BLUE], found a number",
                "{\"name\":\"secret\",\"parts\":[],\"colour\":\"RED\",\"paid\":\"true\"} | Order.paid must be true or false, found text",
                "{\"name\":\"secret\",\"parts\":[],\"colour\":\"RED\",\"paid\":true,\"price\":1e999} | Order.price must be a number, found another number",
                "{\"name\":\"secret\",\"parts\":[],\"colour\":\"RED\",\"paid\":true,\"price\":1,\"secret\":1} | Order has 1 field(s) that the record does not have",
                "{\"name\":\"\",\"parts\":[],\"colour\":\"RED\",\"paid\":true,\"price\":1} | Order is refused by the record's constructor",
            })
    void violation(String answer, String problem) {
        record Order(String name, List<Part> parts, Colour colour, boolean paid, double price) {
            Order {
                if (name.isEmpty()) {
                    throw new IllegalArgumentException("no name");
                }
            }
        }

        assertThatThrownBy(() -> read(Order.class, answer))
                .isInstanceOfSatisfying(SchemaViolationException.class, thrown -> {
                    assertThat(thrown.getMessage()).endsWith(problem).doesNotContain("secret");
                    assertThat(thrown.provider()).isEqualTo("openai");
                    assertThat(thrown.model()).isEqualTo("m");
                    assertThat(thrown.tokens()).isEqualTo(TokenUsage.of(88, 12));
                    assertThat(thrown.costUsd()).isNull();
                });
    }

    @Test
    @DisplayName("is malformed if it is nested very deep, and causes no stack overflow")
    void deep() {
        assertThatThrownBy(() -> read(Part.class, "[".repeat(200_000))).isInstanceOf(MalformedAnswerException.class);
    }

    @Test
    @DisplayName("is requested by a schema in words if the model accepts no schemas")
    void instruction() {
        assertThat(AnswerForm.of(Everything.class).instruction().orElseThrow())
                .startsWith("Answer with one JSON object")
                .contains("\"text\":{\"type\":\"string\",\"description\":\"What it is called\"}")
                .contains("\"yes\":{\"type\":\"boolean\"}", "\"number\":{\"type\":\"integer\"}")
                .contains("\"fraction\":{\"type\":\"number\"}", "\"exact\":{\"type\":\"number\"}")
                .contains("\"colour\":{\"type\":\"string\",\"enum\":[\"RED\",\"DARK_BLUE\"]}")
                .contains("\"words\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}")
                .contains("\"required\":[\"name\",\"count\"],\"additionalProperties\":false}")
                .contains("\"array\"],\"additionalProperties\":false,\"description\":\"Everything that there is\"}");
    }

    @Test
    @DisplayName("is not requested if no schema can describe its type")
    void unsupported() {
        record Day(LocalDate date) {}
        record Prices(Map<String, BigDecimal> byName) {}
        record Tree(List<Tree> children) {}
        record Box<T>(T content) {}

        for (Class<?> type : List.of(Day.class, Prices.class, Tree.class, Box.class, Integer.class, Colour.class)) {
            assertThatThrownBy(() -> AnswerForm.of(type))
                    .as(type.getName())
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> AnswerForm.of(Day.class)).hasMessageContaining("Day.date");
        assertThatThrownBy(() -> AnswerForm.of(null)).hasMessageContaining("responseType");
    }

    private static <T> T read(Class<T> type, String answer) {
        return AnswerForm.of(type).read(answer, KNOWN);
    }
}
