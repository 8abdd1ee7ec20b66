package dev.tokentally.persistence;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Function;

/** The order of reports; made here, since the databases' collations differ. */
final class Order {

    /** Not as Java compares strings, for which an emoji comes before a full-width letter. */
    static final Comparator<String> BY_CODE_POINT =
            (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());

    private Order() {}

    static <T> Comparator<T> dearestFirst(Function<T, BigDecimal> cost, Function<T, String> name) {
        return Comparator.comparing(cost).reversed().thenComparing(name, BY_CODE_POINT);
    }
}
