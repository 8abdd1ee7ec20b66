package dev.tokentally.persistence;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.List;

/** Compares what two reports say: amounts by their value, and calculated numbers up to a rounding error. */
final class SameFigures {
    private SameFigures() {}

    static boolean are(Object one, Object other) {
        if (one instanceof BigDecimal amount && other instanceof BigDecimal otherAmount) {
            return amount.compareTo(otherAmount) == 0;
        }
        if (one instanceof Double number && other instanceof Double otherNumber) {
            return nearly(number, otherNumber) == 0;
        }
        if (one instanceof List<?> list && other instanceof List<?> otherList) {
            return ofLists(list, otherList);
        }
        if (one instanceof Record && other != null && one.getClass() == other.getClass()) {
            return ofRecords(one, other);
        }
        return one == null ? other == null : one.equals(other);
    }

    static int nearly(double a, double b) {
        return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) ? 0 : Double.compare(a, b);
    }

    private static boolean ofLists(List<?> list, List<?> other) {
        if (list.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < list.size(); i++) {
            if (!are(list.get(i), other.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean ofRecords(Object one, Object other) {
        try {
            for (RecordComponent component : one.getClass().getRecordComponents()) {
                if (!are(
                        component.getAccessor().invoke(one),
                        component.getAccessor().invoke(other))) {
                    return false;
                }
            }
            return true;
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
