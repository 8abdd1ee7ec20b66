package dev.tokentally.web.usage;

import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesFigures;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.web.json.PlainDecimal;
import jakarta.json.stream.JsonGenerator;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** A series as the API shows it. */
final class SeriesJson {

    private static final OffsetDateTime LAST = OffsetDateTime.parse("9999-12-31T23:59:59.999999999Z");

    private SeriesJson() {}

    static void write(SeriesQuery query, List<SeriesBucket> buckets, Instant callsKeptFrom, JsonGenerator json) {
        ReportJson.writeWindow(query.window(), callsKeptFrom, json);
        json.write("bucket", query.bucket().label()).write("zone", query.zone().getId());
        if (query.group() == null) {
            json.writeNull("group");
        } else {
            json.write("group", query.group().label());
        }
        json.writeStartArray("buckets");
        for (SeriesBucket bucket : buckets) {
            json.writeStartObject()
                    .write("start", local(bucket.start(), query.zone()))
                    .write("end", local(bucket.end(), query.zone()));
            write(bucket.figures(), json);
            if (query.group() != null) {
                json.writeStartArray("groups");
                for (SeriesBucket.Group group : bucket.groups()) {
                    json.writeStartObject();
                    ReportJson.writeName(ReportJson.nameOf(query.group()), group.name(), json);
                    write(group.figures(), json);
                    json.writeEnd();
                }
                json.writeEnd();
            }
            json.writeEnd();
        }
        json.writeEnd().writeStartObject("total");
        write(buckets.stream().map(SeriesBucket::figures).reduce(SeriesFigures.ZERO, SeriesFigures::plus), json);
        json.writeEnd();
    }

    /**
     * The local time with its offset. Without the offset, the two hours of the same name at the end of summer time could not be
     * told apart. RFC 3339 knows no seconds in offsets, and old offsets of many zones have some. Such an offset is rounded up, so
     * that the text has the right date and hour; the instant stays exact. RFC 3339 knows no year after 9999 either, and no call
     * starts in one.
     */
    private static String local(Instant instant, ZoneId zone) {
        int seconds = zone.getRules().getOffset(instant).getTotalSeconds();
        OffsetDateTime local = instant.atOffset(ZoneOffset.ofTotalSeconds(-Math.floorDiv(-seconds, 60) * 60));
        if (local.getYear() > LAST.getYear()) {
            OffsetDateTime utc = instant.atOffset(ZoneOffset.UTC);
            local = utc.isAfter(LAST) ? LAST : utc;
        }
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(local);
    }

    private static void write(SeriesFigures figures, JsonGenerator json) {
        json.write("total_calls", figures.totalCalls())
                .write("failed_calls", figures.failedCalls())
                .write("unpriced_calls", figures.unpricedCalls());
        ReportJson.write(figures.uncertainCalls(), json);
        json.write("total_cost_usd", PlainDecimal.of(figures.totalCostUsd()))
                .write("input_tokens", figures.inputTokens())
                .write("output_tokens", figures.outputTokens());
    }
}
