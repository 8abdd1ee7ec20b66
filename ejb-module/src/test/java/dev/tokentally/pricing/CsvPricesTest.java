package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.llm.Meter;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Our own price format")
class CsvPricesTest {

    private static final String HEADER = "provider,model,from,input,output\n";

    @Test
    @DisplayName("may have its columns in any order, comments, blank lines and quotation marks")
    void everything() throws PriceFileException {
        List<CsvLine> lines = CsvPrices.lines("""
                # Prices of our contract
                Output, input ,model,provider,from,cached_input,cache_write,reasoning,up_to_input,aliases,source,as_of

                10.00,2.5," GPT-4o ",OpenAI,2024-10-02,1.25,0,12,128000,"chat  CHATGPT-4o","the page, of today",whenever
                ,,,,,,,,,,,
                """);

        assertThat(lines)
                .containsExactly(new CsvLine(
                        "openai",
                        "gpt-4o",
                        List.of("chat", "chatgpt-4o"),
                        "",
                        Instant.parse("2024-10-02T00:00:00Z"),
                        null,
                        "",
                        128_000,
                        Map.of(
                                Meter.INPUT_TOKENS, new BigDecimal("2.5"),
                                Meter.CACHE_READ_TOKENS, new BigDecimal("1.25"),
                                Meter.CACHE_WRITE_TOKENS, new BigDecimal("0"),
                                Meter.OUTPUT_TOKENS, new BigDecimal("10.00"),
                                Meter.OUTPUT_REASONING_TOKENS, new BigDecimal("12"))));
    }

    @ParameterizedTest
    @DisplayName("may be separated by semicolons, with any line ends")
    @ValueSource(
            strings = {
                "provider;model;from;input;output\nopenai;m;2024-01-01;1;2\n",
                "provider,model,from,input,output\r\nopenai,m,2024-01-01,1,2",
                "# a; b, c\nprovider;model;from;input;output\r\nopenai;m;2024-01-01;1;2"
            })
    void separators(String text) throws PriceFileException {
        assertThat(CsvPrices.lines(text)).hasSize(1);
    }

    static List<Arguments> wrong() {
        return List.of(
                Arguments.of("", "it contains no price"),
                Arguments.of("# nothing\n", "it contains no price"),
                Arguments.of(HEADER, "it contains no price"),
                Arguments.of("provider,model,from,input\n", "line 1: the column output is missing"),
                Arguments.of(
                        "provider,model,from,input,output,cache_input\n",
                        "line 1: the column \"cache_input\" is not known; allowed are provider, model, from, input, output,"
                                + " cached_input"),
                Arguments.of("provider,model,from,input,output,input\n", "line 1: the column input is there twice"),
                Arguments.of(HEADER + "openai,m,2024-01-01,1\n", "line 2: there are 4 cells, but 5 columns"),
                Arguments.of(HEADER + "openai,m,2024-01-01,2,50,10,00\n", "line 2: there are 7 cells, but 5 columns"),
                Arguments.of(HEADER + "openai,,2024-01-01,1,2\n", "line 2: model is empty"),
                Arguments.of(HEADER + "openai,m,,1,2\n", "line 2: from is empty"),
                Arguments.of(HEADER + "openai,m,2024-01-01,,2\n", "line 2: input is empty"),
                Arguments.of(HEADER + "openai,m,2024-01-01,1, \n", "line 2: output is empty"),
                Arguments.of(HEADER + "openai,m,1/31/2024,1,2\n", "line 2: from is \"1/31/2024\" and must be a date"),
                Arguments.of(HEADER + "openai,m,2024-02-30,1,2\n", "line 2: from is \"2024-02-30\""),
                Arguments.of(
                        HEADER + "openai,m,2024-01-01,-1,2\n", "line 2: input is \"-1\", which must not be negative"),
                Arguments.of(
                        HEADER + "openai,m,2024-01-01,NaN,2\n", "line 2: input is \"NaN\" and must be the dollars"),
                Arguments.of(HEADER + "openai,m,2024-01-01,1e-6,2\n", "line 2: input is \"1e-6\""),
                Arguments.of(HEADER + "openai,m,2024-01-01,$1,2\n", "line 2: input is \"$1\""),
                Arguments.of(HEADER + "openai,m,2024-01-01,\"1,5\",2\n", "line 2: input is \"1,5\""),
                Arguments.of(
                        HEADER + "openai,m,2024-01-01,1,100000.01\n",
                        "line 2: output is \"100000.01\", which is more than"),
                Arguments.of(HEADER + "openai,m,2024-01-01,1,0.0000000000001\n", "has more than 12 decimals"),
                Arguments.of(HEADER + "openai,m,2024-01-01,1," + "9".repeat(1000) + "\n", "line 2: output is \"999"),
                Arguments.of(
                        HEADER + "openai,m,2024-01-01,1,2\n\nOpenAI,M,2024-01-01,3,4\n",
                        "line 4: provider, model, from, up_to_input, tier and hours are the same as in line 2"),
                Arguments.of(
                        "provider,model,from,input,output,tier,web_searches\nopenai,m,2024-01-01,1,2,,10\n"
                                + "openai,m,2024-01-01,1,2,flex,5\n",
                        "line 3: web_searches is \"5\" in a line with a tier, but units have no tiers;"
                                + " put it into the line without a tier"),
                Arguments.of(
                        "provider,model,from,input,output,tier,requests\nopenai,m,2024-01-01,,,Batch,0\n",
                        "line 2: requests is \"0\" in a line with a tier"),
                Arguments.of(HEADER + "openai,\"m,2024-01-01,1,2\n", "line 2: there are 2 cells, but 5 columns"),
                Arguments.of(HEADER + "openai,\"m\"x,2024-01-01,1,2\n", "after line 1 it is not CSV"),
                Arguments.of(
                        "provider,model,from,input,output,up_to_input\nopenai,m,2024-01-01,1,2,200k\n",
                        "line 2: up_to_input is \"200k\" and must be a number of tokens"),
                Arguments.of(
                        "provider,model,from,input,output,up_to_input\nopenai,m,2024-01-01,1,2,0\n",
                        "line 2: up_to_input is \"0\""),
                Arguments.of(
                        "provider,model,from,input,output,aliases\nopenai,a,2024-01-01,1,2,b\nopenai,b,2024-01-01,1,2,\n",
                        "line 3: the model is also an alias of another model in line 2"),
                Arguments.of(
                        "provider,model,from,input,output,aliases\nopenai,b,2024-01-01,1,2,\nopenai,a,2024-01-01,1,2,b\n",
                        "line 3: the alias \"b\" is a model of its own in line 2"),
                Arguments.of(
                        "provider,model,from,input,output,aliases\nopenai,a,2024-01-01,1,2,x\nopenai,b,2024-01-01,1,2,x\n",
                        "line 3: the alias \"x\" belongs to another model in line 2"));
    }

    @ParameterizedTest(name = "{1}")
    @DisplayName("with a mistake is refused, and the message names the line and the mistake")
    @MethodSource("wrong")
    void wrong(String text, String message) {
        assertThatThrownBy(() -> CsvPrices.lines(text))
                .isInstanceOf(PriceFileException.class)
                .hasMessageContaining(message);
    }

    @Test
    @DisplayName("with hostile content can neither forge a log line nor fill the log")
    void hostile() {
        assertThatThrownBy(() -> CsvPrices.lines(
                        HEADER + "openai,m,\"2024\nFAKE log line \u001b[31m" + "x".repeat(10_000) + "\",1,2\n"))
                .isInstanceOf(PriceFileException.class)
                .satisfies(e -> assertThat(e.getMessage())
                        .doesNotContain("\n", "\u001b")
                        .hasSizeLessThan(200));
    }

    @Test
    @DisplayName("may have one model with several providers, dates and lengths")
    void severalOfAModel() throws PriceFileException {
        assertThat(CsvPrices.lines("""
                        provider,model,from,input,output,up_to_input,aliases
                        openai,m,2024-01-01,1,2,1000,x
                        openai,m,2024-01-01,1,2,,x
                        openai,m,2024-01-02,1,2,,
                        azure,m,2024-01-01,1,2,,x
                        ,m,2024-01-01,1,2,,
                        """)).hasSize(5);
    }
}
