package dev.tokentally.persistence;

import dev.tokentally.usage.UsageReport;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.function.Function;

/** The order of a report's blocks. It is made here, since the databases' collations differ. */
final class Order {

    private Order() {}

    static <T> Comparator<T> dearestFirst(Function<T, BigDecimal> cost, Function<T, String> name) {
        return Comparator.comparing(cost).reversed().thenComparing(name, UsageReport.NAME_ORDER);
    }
}
