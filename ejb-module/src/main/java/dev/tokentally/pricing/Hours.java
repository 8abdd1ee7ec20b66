package dev.tokentally.pricing;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The hours of the week, in UTC, at which a price holds.
 *
 * @param windows the times of the week
 */
record Hours(List<Window> windows) {

    static final int DAY = 24 * 60 * 60;

    boolean contains(Instant instant) {
        LocalDateTime time = LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
        return windows.stream()
                .anyMatch(window ->
                        window.contains(time.getDayOfWeek(), time.toLocalTime().toSecondOfDay()));
    }

    /**
     * A time of the day, on some days.
     *
     * @param days the days on which it begins
     * @param start its first second of the day
     * @param end the second of the day before which it ends; a second of the next day if it is not after the start
     */
    record Window(Set<DayOfWeek> days, int start, int end) {

        Window {
            if (start < 0 || start >= DAY || end < 0 || end > DAY || start == end || days.isEmpty()) {
                throw new IllegalArgumentException("no hours of the day");
            }
            days = EnumSet.copyOf(days);
        }

        boolean contains(DayOfWeek day, int second) {
            if (start < end) {
                return days.contains(day) && start <= second && second < end;
            }
            return days.contains(day) && start <= second || days.contains(day.minus(1)) && second < end;
        }
    }
}
