package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.math.BigDecimal;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Costs that were computed by hand. The test has its own prices, since the prices of the module change when a vendor
 * changes them, and the expected costs must not change with them.
 */
@DisplayName("Costs that a person has calculated")
class GoldenCostsTest {

    private static final String PRICES = """
            provider,   model,             from,       up_to_input, input, cached_input, cache_write, output, reasoning
            openai,     gpt-4o,            2024-10-02, ,            2.50,  1.25,         ,            10.00,
            openai,     o3,                2025-04-16, ,            10.00, 2.50,         ,            40.00,
            openai,     o3,                2025-06-10, ,            2.00,  0.50,         ,            8.00,
            anthropic,  claude-sonnet-4,   2025-05-22, ,            3.00,  0.30,         3.75,        15.00,
            anthropic,  claude-3-5-haiku,  2024-12-03, ,            0.80,  0.08,         1.00,        4.00,
            gcp.gemini, gemini-2.5-pro,    2025-06-17, 200000,      1.25,  0.125,        ,            10.00,
            gcp.gemini, gemini-2.5-pro,    2025-06-17, ,            2.50,  0.25,         ,            15.00,
            gcp.gemini, gemini-2.5-flash,  2025-04-17, ,            0.15,  0.0375,       ,            0.60,   3.50
            gcp.gemini, gemini-2.5-flash,  2025-06-17, ,            0.30,  0.075,        ,            2.50,
            """;

    @ParameterizedTest(name = "{1}, {2}: {3} + {4} tokens cost {8}")
    @DisplayName("equal the computed costs at the prices of the day, to the last digit")
    @CsvSource(delimiter = '|', textBlock = """
            # provider | model                    | started              | input  | output | cached | written | reasoning | cost        | in millionths of a dollar
            openai     | gpt-4o                   | 2026-01-31T12:00:00Z | 1000   | 500    | 0      | 0       | 0         | 0.0075      | 1000 * 2.50 + 500 * 10 = 2500 + 5000 = 7500
            openai     | gpt-4o                   | 2026-01-31T12:00:00Z | 2006   | 300    | 1920   | 0       | 0         | 0.005615    | 86 * 2.50 + 1920 * 1.25 + 300 * 10 = 215 + 2400 + 3000 = 5615
            openai     | gpt-4o-2024-08-06        | 2026-01-31T12:00:00Z | 17     | 9      | 0      | 0       | 0         | 0.0001325   | 17 * 2.50 + 9 * 10 = 42.5 + 90 = 132.5
            openai     | gpt-4o                   | 2024-10-02T00:00:00Z | 1      | 1      | 0      | 0       | 0         | 0.0000125   | 2.50 + 10 = 12.5
            openai     | o3                       | 2026-01-31T12:00:00Z | 12000  | 8000   | 10240  | 0       | 7168      | 0.07264     | 1760 * 2 + 10240 * 0.50 + 8000 * 8 = 3520 + 5120 + 64000 = 72640
            openai     | o3                       | 2025-06-09T23:59:59Z | 1500   | 1100   | 0      | 0       | 960       | 0.059       | 1500 * 10 + 1100 * 40 = 15000 + 44000 = 59000
            openai     | o3                       | 2025-06-10T00:00:00Z | 1500   | 1100   | 0      | 0       | 960       | 0.0118      | 1500 * 2 + 1100 * 8 = 3000 + 8800 = 11800
            anthropic  | claude-sonnet-4-20250514 | 2026-01-31T12:00:00Z | 2095   | 503    | 0      | 0       | 0         | 0.01383     | 2095 * 3 + 503 * 15 = 6285 + 7545 = 13830
            anthropic  | claude-sonnet-4          | 2026-01-31T12:00:00Z | 25000  | 800    | 0      | 24000   | 0         | 0.105       | 1000 * 3 + 24000 * 3.75 + 800 * 15 = 3000 + 90000 + 12000 = 105000
            anthropic  | claude-sonnet-4          | 2026-01-31T12:00:00Z | 25000  | 800    | 24000  | 0       | 0         | 0.0222      | 1000 * 3 + 24000 * 0.30 + 800 * 15 = 3000 + 7200 + 12000 = 22200
            anthropic  | claude-sonnet-4@20250514 | 2026-01-31T12:00:00Z | 30000  | 1234   | 20000  | 6000    | 0         | 0.05901     | 4000 * 3 + 20000 * 0.30 + 6000 * 3.75 + 1234 * 15 = 12000 + 6000 + 22500 + 18510 = 59010
            anthropic  | claude-3-5-haiku-latest  | 2026-01-31T12:00:00Z | 333    | 77     | 0      | 0       | 0         | 0.0005744   | 333 * 0.80 + 77 * 4 = 266.4 + 308 = 574.4
            anthropic  | claude-3-5-haiku         | 2026-01-31T12:00:00Z | 100001 | 1      | 99999  | 0       | 0         | 0.00800552  | 2 * 0.80 + 99999 * 0.08 + 4 = 1.6 + 7999.92 + 4 = 8005.52
            anthropic  | claude-3-5-haiku         | 2026-01-31T12:00:00Z | 2147483647 | 0  | 0      | 0       | 0         | 1717.9869176 | 2147483647 * 0.80 = 1717986917.6
            gcp.gemini | gemini-2.5-pro           | 2026-01-31T12:00:00Z | 200000 | 1000   | 0      | 0       | 0         | 0.26        | 200000 * 1.25 + 1000 * 10 = 250000 + 10000 = 260000
            gcp.gemini | gemini-2.5-pro           | 2026-01-31T12:00:00Z | 200001 | 1000   | 0      | 0       | 0         | 0.5150025   | 200001 * 2.50 + 1000 * 15 = 500002.5 + 15000 = 515002.5
            gcp.gemini | gemini-2.5-pro           | 2026-01-31T12:00:00Z | 5000   | 2500   | 4096   | 0       | 2000      | 0.026642    | 904 * 1.25 + 4096 * 0.125 + 2500 * 10 = 1130 + 512 + 25000 = 26642
            gcp.gemini | gemini-2.5-flash         | 2025-05-01T00:00:00Z | 1200   | 900    | 0      | 0       | 650       | 0.002605    | 1200 * 0.15 + 250 * 0.60 + 650 * 3.50 = 180 + 150 + 2275 = 2605
            gcp.gemini | gemini-2.5-flash         | 2025-07-01T00:00:00Z | 1200   | 900    | 0      | 0       | 650       | 0.00261     | 1200 * 0.30 + 900 * 2.50 = 360 + 2250 = 2610
            gcp.gemini | gemini-2.5-flash         | 2025-07-01T00:00:00Z | 7      | 1      | 3      | 0       | 0         | 0.000003925 | 4 * 0.30 + 3 * 0.075 + 2.50 = 1.2 + 0.225 + 2.5 = 3.925
            """)
    void golden(
            String provider,
            String model,
            Instant startedAt,
            int input,
            int output,
            int cached,
            int written,
            int reasoning,
            BigDecimal expected) {
        PriceList prices = Lists.csv(PRICES);

        Cost cost = prices.costOf(
                Cost.UNKNOWN,
                new CallUsage(provider, model, new TokenCounts(input, output, cached, written, reasoning)),
                startedAt);

        assertThat(cost.usd()).isEqualByComparingTo(expected);
        assertThat(cost.usd().scale()).isEqualTo(10);
        assertThat(cost.source()).isEqualTo(CostSource.PRICE_LIST);
    }
}
