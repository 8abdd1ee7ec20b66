package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import dev.tokentally.pricing.PriceNumber.UnusableException;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** The prices of a model in genai-prices' list. */
final class GenaiModel {

    private static final String PER_MILLION = "_mtok";
    private static final String PER_THOUSAND = "_kcount";
    private static final String TOKENS = "_tokens";
    private static final String START_DATE = "start_date";
    private static final String START_TIME = "start_time";
    private static final String END_TIME = "end_time";
    private static final Set<String> CONDITIONS = Set.of(START_DATE, START_TIME, END_TIME);

    private GenaiModel() {}

    /**
     * The prices in the order of the list.
     *
     * @param maybeFree whether a model without prices counts as free
     */
    static List<PricePeriod> periods(JsonValue prices, boolean maybeFree) throws UnusableException {
        if (prices instanceof JsonObject always) {
            return List.of(PricePeriod.always(sheet(always, maybeFree)));
        }
        if (!(prices instanceof JsonArray dated) || dated.isEmpty()) {
            throw new UnusableException("have prices that are neither an object nor a list");
        }
        List<PricePeriod> periods = new ArrayList<>();
        for (JsonValue each : dated) {
            if (!(each instanceof JsonObject period) || !(period.get("prices") instanceof JsonObject of)) {
                throw new UnusableException("have a dated price that is no object with prices");
            }
            periods.add(period(period.getOrDefault("constraint", JsonValue.NULL), sheet(of, maybeFree)));
        }
        return periods;
    }

    private static PricePeriod period(JsonValue condition, PriceSheet sheet) {
        if (condition == JsonValue.NULL) {
            return PricePeriod.always(sheet);
        }
        NavigableMap<Long, PriceSheet> sheets = new TreeMap<>(Map.of(PricePeriod.ANY_LENGTH, sheet));
        Instant from = Instant.MIN;
        String notUnderstood = "a condition of the price is not understood";
        if (!(condition instanceof JsonObject conditions) || conditions.isEmpty()) {
            return new PricePeriod(from, null, notUnderstood, sheets);
        }
        try {
            if (conditions.containsKey(START_DATE)) {
                from = day(conditions, START_DATE);
            }
            Hours hours = null;
            if (conditions.containsKey(START_TIME) || conditions.containsKey(END_TIME)) {
                hours = new Hours(List.of(new Hours.Window(
                        EnumSet.allOf(DayOfWeek.class), second(conditions, START_TIME), second(conditions, END_TIME))));
            }
            boolean understood = CONDITIONS.containsAll(conditions.keySet());
            return new PricePeriod(from, hours, understood ? null : notUnderstood, sheets);
        } catch (DateTimeException | IllegalArgumentException | ClassCastException | NullPointerException e) {
            return new PricePeriod(from, null, notUnderstood, sheets);
        }
    }

    private static Instant day(JsonObject conditions, String field) {
        String text = ((JsonString) conditions.get(field)).getString();
        return text.length() > "2026-01-31".length()
                ? OffsetDateTime.parse(text).toInstant()
                : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    /** The time as the second of the day, in UTC. */
    private static int second(JsonObject conditions, String field) {
        String text = ((JsonString) conditions.get(field)).getString();
        boolean hasOffset = text.endsWith("Z") || text.indexOf('+') >= 0 || text.indexOf('-') >= 0;
        return hasOffset
                ? OffsetTime.parse(text)
                        .withOffsetSameInstant(ZoneOffset.UTC)
                        .toLocalTime()
                        .toSecondOfDay()
                : LocalTime.parse(text).toSecondOfDay();
    }

    private static PriceSheet sheet(JsonObject prices, boolean maybeFree) throws UnusableException {
        Map<Meter, MeterPrice> sheet = new EnumMap<>(Meter.class);
        for (Map.Entry<String, JsonValue> each : prices.entrySet()) {
            Meter meter = meter(each.getKey());
            if (each.getValue() == JsonValue.NULL) {
                continue;
            }
            if (meter == null) {
                throw new UnusableException("have a price " + each.getKey() + " that is not understood");
            }
            sheet.put(meter, price(each.getKey(), each.getValue(), meter.isUnit()));
        }
        if (sheet.isEmpty() && maybeFree) {
            sheet.put(Meter.INPUT_TOKENS, MeterPrice.ofMillion(BigDecimal.ZERO));
            sheet.put(Meter.OUTPUT_TOKENS, MeterPrice.ofMillion(BigDecimal.ZERO));
        }
        if (sheet.isEmpty()) {
            throw new UnusableException("have no price at all");
        }
        return PriceSheet.of(sheet);
    }

    /** The meter of a field's name; null if there is no such meter. */
    private static Meter meter(String field) {
        if (field.endsWith(PER_MILLION)) {
            String label = field.substring(0, field.length() - PER_MILLION.length()) + TOKENS;
            return Meter.ofLabel(label).filter(meter -> !meter.isUnit()).orElse(null);
        }
        if (field.endsWith(PER_THOUSAND)) {
            String label = field.substring(0, field.length() - PER_THOUSAND.length());
            return Meter.ofLabel(label).filter(Meter::isUnit).orElse(null);
        }
        return null;
    }

    private static MeterPrice price(String field, JsonValue value, boolean unit) throws UnusableException {
        int per = unit ? MeterPrice.THOUSAND : MeterPrice.MILLION;
        String named = "have a " + field + " that";
        if (!(value instanceof JsonObject tiered)) {
            return new MeterPrice(PriceNumber.of(named, value, 0), new TreeMap<>(), per);
        }
        if (!(tiered.get("tiers") instanceof JsonArray tiers)
                || !tiered.keySet().equals(Set.of("base", "tiers"))) {
            throw new UnusableException(named + " is not understood");
        }
        NavigableMap<Long, BigDecimal> above = new TreeMap<>();
        for (JsonValue each : tiers) {
            if (!(each instanceof JsonObject tier)
                    || !(tier.get("start") instanceof JsonNumber start)
                    || !start.isIntegral()
                    || start.bigDecimalValue().signum() < 0
                    || start.bigDecimalValue().compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0
                    || tier.getOrDefault("price", JsonValue.NULL) == JsonValue.NULL
                    || above.put(start.longValue(), PriceNumber.of(named, tier.get("price"), 0)) != null) {
                throw new UnusableException(named + " is not understood");
            }
        }
        BigDecimal base = PriceNumber.of(named, tiered.get("base"), 0);
        if (base == null) {
            throw new UnusableException(named + " is not understood");
        }
        return new MeterPrice(base, above, per);
    }
}
