package dev.tokentally.persistence;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/**
 * Writes an instant so that PostgreSQL reads it with any settings, also in years of five digits and before the year 1. It uses no
 * formatter with an era, since the era's name depends on the locale data of the JVM: AD up to Java 22, CE from 23 on.
 */
final class PostgresInstant {

    private static final int MICRO = 1000;

    private PostgresInstant() {}

    static String text(Instant instant) {
        OffsetDateTime utc = instant.atOffset(ZoneOffset.UTC);
        boolean isBeforeChrist = utc.getYear() <= 0;
        StringBuilder text = new StringBuilder(36);
        padded(text, isBeforeChrist ? 1 - utc.getYear() : utc.getYear(), 4).append('-');
        padded(text, utc.getMonthValue(), 2).append('-');
        padded(text, utc.getDayOfMonth(), 2).append(' ');
        padded(text, utc.getHour(), 2).append(':');
        padded(text, utc.getMinute(), 2).append(':');
        padded(text, utc.getSecond(), 2).append('.');
        padded(text, utc.getNano() / MICRO, 6).append("+00");
        return (isBeforeChrist ? text.append(" BC") : text).toString();
    }

    private static StringBuilder padded(StringBuilder text, int number, int digits) {
        String plain = Integer.toString(number);
        return text.append("0".repeat(Math.max(0, digits - plain.length()))).append(plain);
    }
}
