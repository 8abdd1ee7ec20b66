package dev.tokentally.pricing;

import java.util.Locale;

/**
 * The names of models in lower case, with and without their date. It compares characters and uses no regular
 * expression, since calls wait for it.
 */
final class ModelName {

    private static final String LATEST = "-latest";

    private ModelName() {}

    static String of(String model) {
        return model == null ? "" : model.strip().toLowerCase(Locale.ROOT);
    }

    /**
     * The name without the version that a provider appends: {@code -2024-08-06}, {@code -20250514}, {@code @20250514}
     * or {@code -latest}. A name without a version is returned unchanged.
     */
    static String undated(String name) {
        int length = name.length();
        if (name.endsWith(LATEST)) {
            return cut(name, length - LATEST.length());
        }
        if (isOneOf("-", name, length - 11)
                && isOneOf("-", name, length - 6)
                && isOneOf("-", name, length - 3)
                && isDate(name, length - 10, length - 5, length - 2)) {
            return cut(name, length - 11);
        }
        if (isOneOf("-@", name, length - 9) && isDate(name, length - 8, length - 4, length - 2)) {
            return cut(name, length - 9);
        }
        return name;
    }

    private static String cut(String name, int end) {
        return end == 0 ? name : name.substring(0, end);
    }

    private static boolean isOneOf(String characters, String name, int index) {
        return index >= 0 && characters.indexOf(name.charAt(index)) >= 0;
    }

    private static boolean isDate(String name, int year, int month, int day) {
        return number(name, year, 4) / 100 == 20
                && isBetween(1, number(name, month, 2), 12)
                && isBetween(1, number(name, day, 2), 31);
    }

    private static boolean isBetween(int low, int number, int high) {
        return low <= number && number <= high;
    }

    /** The number; -1 if there is anything but digits. */
    private static int number(String name, int start, int digits) {
        int number = 0;
        for (int i = start; i < start + digits; i++) {
            char digit = name.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = 10 * number + digit - '0';
        }
        return number;
    }
}
