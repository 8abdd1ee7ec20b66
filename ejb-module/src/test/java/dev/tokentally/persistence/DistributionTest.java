package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.Spread;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("How values are spread")
class DistributionTest {

    private final AtomicLong left = new AtomicLong(1 << 20);

    @Test
    @DisplayName(
            "is what PostgreSQL's own functions say, to the last bit of a percentile, for any number of values and ties")
    void asPostgres() throws Exception {
        try (Connection connection = TestDatabases.empty(Database.POSTGRESQL).getConnection();
                ReportMemory memory = new ReportMemory(left)) {
            Random random = new Random(1);
            for (int number : new int[] {1, 2, 3, 19, 20, 21, 22, 100, 101, 1000, 4321}) {
                for (LongSupplier values : new LongSupplier[] {
                    () -> 7,
                    () -> random.nextInt(2),
                    () -> random.nextInt(10) * 1000,
                    () -> random.nextInt(1_000_000),
                    () -> random.nextLong(1L << 40),
                    () -> (long) Math.exp(random.nextDouble() * 20)
                }) {
                    long[] some = LongStream.generate(values).limit(number).toArray();
                    assertThat(of(some, memory).spread())
                            .as(Arrays.toString(some))
                            .isEqualTo(postgres(some, connection));
                }
            }
        }
    }

    @Test
    @DisplayName("is the same whether values came one by one or from several distributions")
    void added() throws Exception {
        try (ReportMemory memory = new ReportMemory(left)) {
            Random random = new Random(2);
            long[] all = random.longs(3000, 0, 500).toArray();
            Distribution sum = of(Arrays.copyOf(all, 1), memory);
            sum.addAll(of(Arrays.copyOfRange(all, 1, 2000), memory));
            sum.addAll(new Distribution(memory));
            sum.addAll(of(Arrays.copyOfRange(all, 2000, 3000), memory));

            assertThat(sum.number()).isEqualTo(3000);
            assertThat(sum.spread()).isEqualTo(of(all, memory).spread());
        }
    }

    @ParameterizedTest
    @DisplayName("is right for a value that occurs so often that its count does not fit in two bytes")
    @ValueSource(ints = {65_534, 65_535, 65_536, 65_537, 131_071, 131_072, 200_000})
    void often(int times) throws Exception {
        try (Connection connection = TestDatabases.empty(Database.POSTGRESQL).getConnection();
                ReportMemory memory = new ReportMemory(left)) {
            long[] all = LongStream.concat(LongStream.generate(() -> 3).limit(times), LongStream.range(0, 4000))
                    .toArray();
            Spread expected = postgres(all, connection);
            Distribution oneByOne = of(all, memory);
            long[] rest = Arrays.copyOfRange(all, times / 2, all.length);
            Distribution sum = of(Arrays.copyOf(all, times / 2), memory);
            sum.addAll(of(rest, memory));
            Distribution other = of(rest, memory);
            other.addAll(of(Arrays.copyOf(all, times / 2), memory));
            CellWriter written = new CellWriter();
            sum.writeTo(written);
            Distribution read = new Distribution(memory);
            Distribution.read(new CellReader(written.bytes()), read);

            assertThat(List.of(oneByOne, sum, other, read))
                    .allSatisfy(each -> assertThat(each.number()).isEqualTo(times + 4000L))
                    .extracting(Distribution::spread)
                    .containsOnly(expected);
            CellWriter again = new CellWriter();
            read.writeTo(again);
            assertThat(again.bytes()).isEqualTo(written.bytes());
        }
    }

    @Test
    @DisplayName(
            "takes memory for different values only, and nothing is left when it is cleared or its report is closed")
    void memory() throws Exception {
        long before = left.get();
        try (ReportMemory memory = new ReportMemory(left)) {
            Distribution few = new Distribution(memory);
            for (int i = 0; i < 1_000_000; i++) {
                few.add(i % 100);
            }
            assertThat(few.number()).isEqualTo(1_000_000);
            assertThat(before - left.get()).isBetween(400L, 10_000L);
            few.clear();
            assertThat(left).hasValue(before);
            assertThat(few.spread()).isEqualTo(Spread.ZERO);

            few.add(3);
            Distribution many = new Distribution(memory);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1_000_000; i++) {
                            many.add(i);
                        }
                    })
                    .isInstanceOf(ReportTooLargeException.class);
        }
        assertThat(left).hasValue(before);
    }

    private static Distribution of(long[] values, ReportMemory memory) throws ReportTooLargeException {
        Distribution distribution = new Distribution(memory);
        for (long value : values) {
            distribution.add(value);
        }
        return distribution;
    }

    private static Spread postgres(long[] values, Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                select avg(v)::double precision, min(v), max(v), percentile_cont(0.05) within group (order by v),
                       percentile_cont(0.95) within group (order by v), sum(v)
                  from unnest(?) v""")) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "bigint", LongStream.of(values).boxed().toArray()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Spread(
                        row.getDouble(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getDouble(4),
                        row.getDouble(5),
                        row.getLong(6));
            }
        }
    }
}
