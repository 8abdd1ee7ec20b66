package dev.tokentally.usage;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A unit of the calendar into which a series is cut, by the clocks of a time zone. A day has 23 hours when the clocks
 * go forward and 25 when they go back. The hour that then comes twice makes two buckets.
 */
public enum Bucket {
    /** From a full hour to the next, or to the moment when the clocks are changed. */
    HOUR {
        @Override
        Instant startOf(Instant instant, ZoneId zone) {
            Instant hour = fullHour(instant, zone).toInstant();
            ZoneOffsetTransition change = zone.getRules().previousTransition(instant.plusNanos(1));
            return change != null && change.getInstant().isAfter(hour) ? change.getInstant() : hour;
        }

        @Override
        Instant next(Instant start, ZoneId zone) {
            Instant next = fullHour(start, zone).toInstant().plus(Duration.ofHours(1));
            ZoneOffsetTransition change = zone.getRules().nextTransition(start);
            return change != null && change.getInstant().isBefore(next) ? change.getInstant() : next;
        }
    },
    /** From the start of a day to the start of the next. */
    DAY {
        @Override
        Instant startOf(Instant instant, ZoneId zone) {
            return start(date(instant, zone), zone);
        }

        @Override
        Instant next(Instant start, ZoneId zone) {
            return start(date(start, zone).plusDays(1), zone);
        }
    },
    /** From the start of a month's first day to the start of the next month's. */
    MONTH {
        @Override
        Instant startOf(Instant instant, ZoneId zone) {
            return start(date(instant, zone).withDayOfMonth(1), zone);
        }

        @Override
        Instant next(Instant start, ZoneId zone) {
            return start(date(start, zone).withDayOfMonth(1).plusMonths(1), zone);
        }
    };

    /**
     * Cuts a span of time into buckets.
     *
     * @param from an instant in the first bucket
     * @param last an instant in the last bucket; not before {@code from}
     * @param zone the time zone whose clocks count
     * @param max the most buckets that are allowed
     * @return the start of each bucket, in order, and then the end of the last one
     * @throws TooManyBucketsException when there would be more
     */
    public List<Instant> edges(Instant from, Instant last, ZoneId zone, int max) {
        List<Instant> edges = new ArrayList<>();
        Instant edge = startOf(from, zone);
        edges.add(edge);
        while (!edge.isAfter(last)) {
            if (edges.size() > max) {
                throw new TooManyBucketsException(max);
            }
            edge = next(edge, zone);
            edges.add(edge);
        }
        return edges;
    }

    /**
     * The name in queries.
     *
     * @return {@code hour}, {@code day} or {@code month}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    abstract Instant startOf(Instant instant, ZoneId zone);

    abstract Instant next(Instant start, ZoneId zone);

    private static OffsetDateTime fullHour(Instant instant, ZoneId zone) {
        return instant.atOffset(zone.getRules().getOffset(instant)).truncatedTo(ChronoUnit.HOURS);
    }

    private static LocalDate date(Instant instant, ZoneId zone) {
        return LocalDate.ofInstant(instant, zone);
    }

    private static Instant start(LocalDate date, ZoneId zone) {
        return date.atStartOfDay(zone).toInstant();
    }
}
