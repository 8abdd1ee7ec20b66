package dev.tokentally.persistence;

import java.time.Instant;
import java.time.LocalDate;

/**
 * How long an interval is whose figures are kept. Every interval begins at the start of a quarter of an hour. The quarters are
 * numbered from 1970 on, and an interval is named by its first quarter. Each unit is made of the one before it.
 */
enum Unit {
    QUARTER(0) {
        @Override
        int start(int quarter) {
            return quarter;
        }

        @Override
        int end(int quarter) {
            return quarter + 1;
        }
    },
    /** A day by UTC. */
    DAY(1) {
        @Override
        int start(int quarter) {
            return Math.floorDiv(quarter, QUARTERS_OF_A_DAY) * QUARTERS_OF_A_DAY;
        }

        @Override
        int end(int quarter) {
            return start(quarter) + QUARTERS_OF_A_DAY;
        }
    },
    /** A month by UTC. */
    MONTH(2) {
        @Override
        int start(int quarter) {
            return ofDay(firstDay(quarter));
        }

        @Override
        int end(int quarter) {
            return ofDay(firstDay(quarter).plusMonths(1));
        }
    };

    private static final int QUARTERS_OF_A_DAY = 96;
    /** The years 1 to 9999. */
    static final int FIRST = -69_039_552;

    static final int LAST = 281_558_112;

    static final int SECONDS_OF_A_QUARTER = 900;

    private final int code;

    Unit(int code) {
        this.code = code;
    }

    /** The number in the column {@code unit}. Rows that older releases have stored have it, so it never changes. */
    int code() {
        return code;
    }

    /** The start of the interval that has this quarter. */
    abstract int start(int quarter);

    /** The start of the interval after the one that has this quarter. */
    abstract int end(int quarter);

    /** The first interval that begins at this quarter or later. */
    int firstFrom(int quarter) {
        return start(quarter) == quarter ? quarter : end(quarter);
    }

    /** The unit of the intervals that an interval consists of. A quarter has none. */
    Unit finer() {
        return values()[ordinal() - 1];
    }

    /** The unit of a cell, by the number in its row. The parts of a quarter's cell have numbers of their own. */
    static Unit of(int code) {
        if (code >= Cell.FIRST_PART) {
            return QUARTER;
        }
        for (Unit unit : values()) {
            if (unit.code == code) {
                return unit;
            }
        }
        throw new IllegalArgumentException("no unit has the number " + code);
    }

    /** The quarter that has this instant. PostgreSQL also has instants that no calendar has, such as infinity. */
    static int quarter(Instant instant) {
        long quarter = Math.floorDiv(instant.getEpochSecond(), SECONDS_OF_A_QUARTER);
        return (int) Math.max(FIRST, Math.min(LAST, quarter));
    }

    /** The instant at which the quarter begins. */
    static Instant instant(int quarter) {
        return Instant.ofEpochSecond((long) quarter * SECONDS_OF_A_QUARTER);
    }

    private static LocalDate firstDay(int quarter) {
        return LocalDate.ofEpochDay(Math.floorDiv(quarter, QUARTERS_OF_A_DAY)).withDayOfMonth(1);
    }

    private static int ofDay(LocalDate day) {
        return Math.toIntExact(day.toEpochDay() * QUARTERS_OF_A_DAY);
    }
}
