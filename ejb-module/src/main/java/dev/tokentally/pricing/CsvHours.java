package dev.tokentally.pricing;

import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the hours of the week in our own format, such as {@code mon-fri 01:00-04:00 06:00-10:00}. A bar separates
 * several groups of days and hours. It also understands words, such as {@code Monday to Friday 01:00-04:00 and
 * 06:00-10:00 UTC}.
 */
final class CsvHours {

    private static final String FORM =
            "must be hours in UTC such as mon-fri 01:00-04:00 06:00-10:00, or empty for all others";

    private static final Pattern TIMES =
            Pattern.compile("([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])");

    private static final Pattern DAYS = Pattern.compile("([a-z]+)(?:-([a-z]+))?");

    private CsvHours() {}

    /**
     * Reads a cell.
     *
     * @return the hours; null for all hours that no other line names
     * @throws IllegalArgumentException when the cell has another form; the message is the end of a sentence
     */
    static Hours parse(String cell) {
        String text = cell.strip().toLowerCase(Locale.ROOT);
        if (text.isEmpty() || text.equals("all others")) {
            return null;
        }
        List<Hours.Window> windows = new ArrayList<>();
        for (String group : text.split("\\|", -1)) {
            addGroup(group, windows);
        }
        return new Hours(List.copyOf(windows));
    }

    private static void addGroup(String group, List<Hours.Window> windows) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        int before = windows.size();
        String plain = group.replace('+', ' ').replace(',', ' ').replaceAll("\\s+to\\s+", "-");
        for (String word : plain.strip().split("\\s+")) {
            if (word.equals("and") || word.equals("utc")) {
                continue;
            }
            Matcher times = TIMES.matcher(word);
            if (times.matches()) {
                windows.add(window(days, times));
            } else if (windows.size() == before) {
                addDays(word, days);
            } else {
                throw new IllegalArgumentException(FORM);
            }
        }
        if (windows.size() == before) {
            throw new IllegalArgumentException(FORM);
        }
    }

    private static Hours.Window window(Set<DayOfWeek> days, Matcher times) {
        int start = second(times.group(1), times.group(2));
        int end = second(times.group(3), times.group(4));
        if (start == end || end > Hours.DAY) {
            throw new IllegalArgumentException(FORM);
        }
        return new Hours.Window(days.isEmpty() ? EnumSet.allOf(DayOfWeek.class) : days, start, end);
    }

    private static int second(String hour, String minute) {
        return 60 * (60 * Integer.parseInt(hour) + Integer.parseInt(minute));
    }

    private static void addDays(String word, Set<DayOfWeek> days) {
        Matcher range = DAYS.matcher(word);
        if (!range.matches()) {
            throw new IllegalArgumentException(FORM);
        }
        DayOfWeek day = day(range.group(1));
        DayOfWeek last = range.group(2) == null ? day : day(range.group(2));
        days.add(day);
        while (day != last) {
            day = day.plus(1);
            days.add(day);
        }
    }

    private static DayOfWeek day(String name) {
        for (DayOfWeek day : DayOfWeek.values()) {
            String full = day.name().toLowerCase(Locale.ROOT);
            if (name.equals(full) || name.equals(full.substring(0, 3))) {
                return day;
            }
        }
        throw new IllegalArgumentException(FORM);
    }
}
