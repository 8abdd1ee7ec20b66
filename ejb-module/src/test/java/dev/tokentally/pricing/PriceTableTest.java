package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A price is found")
class PriceTableTest {

    private static final String HEADER = "provider,model,from,input,output,up_to_input,aliases\n";
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    @Test
    @DisplayName("by provider and model, whatever their case and spelling")
    void exact() {
        PriceTable table = table("openai,gpt-4o,2024-01-01,1,2,,\nazure,gpt-4o,2024-01-01,3,4,,");

        assertThat(input(table, "openai", "gpt-4o")).isEqualByComparingTo("1");
        assertThat(input(table, "OPENAI", "GPT-4O")).isEqualByComparingTo("1");
        assertThat(input(table, "azure.ai.openai", "gpt-4o")).isEqualByComparingTo("3");
    }

    @Test
    @DisplayName("under a dated name of its own rather than without the date, and without it where there is none")
    void dated() {
        PriceTable table = table("openai,gpt-4o,2024-01-01,1,2,,\nopenai,gpt-4o-2024-05-13,2024-01-01,5,15,,");

        assertThat(input(table, "openai", "gpt-4o-2024-05-13")).isEqualByComparingTo("5");
        assertThat(input(table, "openai", "gpt-4o-2024-08-06")).isEqualByComparingTo("1");
        assertThat(input(table, "openai", "gpt-4o-mini")).isNull();

        PriceTable elsewhereDearer = table("openai,gpt-4o,2024-01-01,1,2,,\nazure,gpt-4o,2024-01-01,3,4,,\n"
                + "azure,gpt-4o-2024-08-06,2024-01-01,5,6,,");
        assertThat(input(elsewhereDearer, "openai", "gpt-4o-2024-08-06")).isEqualByComparingTo("1");
    }

    @Test
    @DisplayName("by an alias, also by a dated one")
    void alias() {
        PriceTable table = table("anthropic,claude-sonnet-4,2024-01-01,3,15,,Claude-4-Sonnet sonnet");

        assertThat(input(table, "anthropic", "claude-4-sonnet")).isEqualByComparingTo("3");
        assertThat(input(table, "anthropic", "claude-4-sonnet-20250514")).isEqualByComparingTo("3");
        assertThat(input(table, "", "sonnet")).isEqualByComparingTo("3");
    }

    @Test
    @DisplayName("by the model alone where all providers ask the same, and not at all where they do not")
    void byModelAlone() {
        PriceTable table = table("""
                openai,same,2024-01-01,1.0,2,,
                azure,same,2024-01-01,1.00,2.0,,
                openai,other,2024-01-01,1,2,,
                azure,other,2024-01-01,1,3,,
                openai,other-2025-01-01,2024-01-01,7,8,,""");

        assertThat(input(table, "", "same")).isEqualByComparingTo("1");
        assertThat(input(table, null, "same-2025-01-31")).isEqualByComparingTo("1");
        assertThat(input(table, "somebody", "same")).isEqualByComparingTo("1");
        assertThat(input(table, "", "other")).isNull();
        assertThat(input(table, "", "other-2025-01-31")).isNull();
        assertThat(input(table, "", "other-2025-01-01")).isEqualByComparingTo("7");
        assertThat(input(table, "openai", "other")).isEqualByComparingTo("1");
    }

    @Test
    @DisplayName("under no provider rather than under somebody's, where the provider is not known")
    void ownWithoutProvider() {
        PriceTable table = table(",m,2024-01-01,0,0,,\nopenai,m,2024-01-01,1,2,,");

        assertThat(input(table, "", "m")).isEqualByComparingTo("0");
        assertThat(input(table, null, "m-2025-01-31")).isEqualByComparingTo("0");
        assertThat(input(table, "openai", "m")).isEqualByComparingTo("1");
        assertThat(input(table, "somebody", "m")).isNull();
    }

    @Test
    @DisplayName("by the model alone as soon as providers ask the same")
    void byModelAloneInTime() {
        PriceTable table = table("""
                openai,m,2024-01-01,1,2,,
                azure,m,2024-06-01,3,4,,
                openai,m,2024-09-01,3,4,,""");

        assertThat(table.find("", "m", Instant.parse("2024-05-31T23:59:59Z"), 1).input())
                .isEqualByComparingTo("1");
        assertThat(table.find("", "m", Instant.parse("2024-06-01T00:00:00Z"), 1))
                .isNull();
        assertThat(table.find("", "m", Instant.parse("2024-09-01T00:00:00Z"), 1).input())
                .isEqualByComparingTo("3");
    }

    @Test
    @DisplayName("for the day of the call, and not before the first")
    void periods() {
        PriceTable table = table("openai,m,2025-06-10,2,8,,\nopenai,m,2025-04-16,10,40,,");

        assertThat(table.find("openai", "m", Instant.parse("2025-04-15T23:59:59.999999Z"), 1))
                .isNull();
        assertThat(table.find("openai", "m", Instant.parse("2025-04-16T00:00:00Z"), 1)
                        .input())
                .isEqualByComparingTo("10");
        assertThat(table.find("openai", "m", Instant.parse("2025-06-09T23:59:59.999999Z"), 1)
                        .input())
                .isEqualByComparingTo("10");
        assertThat(table.find("openai", "m", Instant.parse("2025-06-10T00:00:00Z"), 1)
                        .input())
                .isEqualByComparingTo("2");
    }

    @Test
    @DisplayName("that begins later and ends at another length of the prompt does not borrow from the one before")
    void lengths() {
        PriceTable table = table("""
                openai,m,2025-01-01,1,2,200000,
                openai,m,2025-01-01,3,4,,
                openai,m,2025-06-01,5,6,200000,""");
        Instant before = Instant.parse("2025-05-01T00:00:00Z");

        assertThat(table.find("openai", "m", before, 200000).input()).isEqualByComparingTo("1");
        assertThat(table.find("openai", "m", before, 200001).input()).isEqualByComparingTo("3");
        assertThat(table.find("openai", "m", NOW, 200000).input()).isEqualByComparingTo("5");
        assertThat(table.find("openai", "m", NOW, 200001)).isNull();
    }

    @Test
    @DisplayName("in the second list where both have the model, with all its dates, under aliases of the first too")
    void layers() {
        List<PriceEntry> first =
                entries("openai,m,2024-01-01,1,2,,old\nopenai,m,2025-01-01,3,4,,\nopenai,n,2024-01-01,9,9,,");
        List<PriceEntry> second = entries("openai,m,2026-01-01,5,6,,\nopenai,k,2024-01-01,7,8,,n");
        PriceTable table = PriceTable.of(first, second);

        assertThat(input(table, "openai", "m")).isEqualByComparingTo("5");
        assertThat(table.find("openai", "m", Instant.parse("2025-06-01T00:00:00Z"), 1))
                .isNull();
        assertThat(input(table, "openai", "old")).isEqualByComparingTo("5");
        assertThat(input(table, "openai", "n")).isEqualByComparingTo("7");
        assertThat(input(PriceTable.of(second, first), "openai", "n")).isEqualByComparingTo("9");
    }

    @Test
    @DisplayName("not for an unknown model, whatever it is called")
    void unknown() {
        PriceTable table = table("openai,m,2024-01-01,1,2,,");

        for (String name : new String[] {null, "", " ", "-latest", "x".repeat(100_000), "\uD800", "m\0"}) {
            assertThat(table.find(name, name, NOW, 1)).isNull();
            assertThat(table.find("openai", name, Instant.MIN, Integer.MAX_VALUE))
                    .isNull();
        }
    }

    private static BigDecimal input(PriceTable table, String provider, String model) {
        Price price = table.find(provider, model, NOW, 1000);
        return price == null ? null : price.input();
    }

    private static PriceTable table(String rows) {
        return PriceTable.of(List.of(), entries(rows));
    }

    private static List<PriceEntry> entries(String rows) {
        try {
            return CsvPrices.parse(HEADER + rows);
        } catch (PriceFileException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
