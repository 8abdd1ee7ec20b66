package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;

/** Compares what two reports say: amounts by their value, and calculated numbers exactly or up to a rounding error. */
final class SameFigures {
    private SameFigures() {}

    /** Fails if they are not the same up to a rounding error. */
    static void check(Object actual, Object expected) {
        check("", actual, expected, SameFigures::nearly);
    }

    /** Fails if they are not exactly the same. */
    static void checkExactly(String what, Object actual, Object expected) {
        check(what, actual, expected, Double::compare);
    }

    private static void check(String what, Object actual, Object expected, Comparator<Double> numbers) {
        if (!are(actual, expected, numbers)) {
            // It takes a hundred times as long, and says where the difference is.
            assertThat(actual)
                    .as(what)
                    .usingRecursiveComparison()
                    .withComparatorForType(BigDecimal::compareTo, BigDecimal.class)
                    .withComparatorForType(numbers, Double.class)
                    .isEqualTo(expected);
        }
    }

    private static boolean are(Object one, Object other, Comparator<Double> numbers) {
        if (one instanceof BigDecimal amount && other instanceof BigDecimal otherAmount) {
            return amount.compareTo(otherAmount) == 0;
        }
        if (one instanceof Double number && other instanceof Double otherNumber) {
            return numbers.compare(number, otherNumber) == 0;
        }
        if (one instanceof List<?> list && other instanceof List<?> otherList) {
            return ofLists(list, otherList, numbers);
        }
        if (one instanceof Record && other != null && one.getClass() == other.getClass()) {
            return ofRecords(one, other, numbers);
        }
        return one == null ? other == null : one.equals(other);
    }

    private static int nearly(double a, double b) {
        return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) ? 0 : Double.compare(a, b);
    }

    private static boolean ofLists(List<?> list, List<?> other, Comparator<Double> numbers) {
        if (list.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < list.size(); i++) {
            if (!are(list.get(i), other.get(i), numbers)) {
                return false;
            }
        }
        return true;
    }

    private static boolean ofRecords(Object one, Object other, Comparator<Double> numbers) {
        try {
            for (RecordComponent component : one.getClass().getRecordComponents()) {
                if (!are(
                        component.getAccessor().invoke(one),
                        component.getAccessor().invoke(other),
                        numbers)) {
                    return false;
                }
            }
            return true;
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
