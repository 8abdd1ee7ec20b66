package dev.tokentally.web.usage;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.Figures;
import dev.tokentally.usage.Spread;
import dev.tokentally.usage.UncertainCalls;
import dev.tokentally.usage.UsageBlock;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.Window;
import dev.tokentally.web.json.PlainDecimal;
import jakarta.json.stream.JsonGenerator;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;

/** Reports as the API shows them: the figures per invocation, and within them those per call. */
final class ReportJson {

    /** ISO-8601 in UTC, with milliseconds and as much more as there is. */
    private static final DateTimeFormatter UTC = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 3, 9, true)
            .appendLiteral('Z')
            .toFormatter(Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private ReportJson() {}

    static void writeWindow(Window window, Instant callsKeptFrom, JsonGenerator json) {
        write(QueryParameters.FROM, window.from(), json);
        write(QueryParameters.TO, window.to(), json);
        writeCallsKeptFrom(callsKeptFrom, json);
    }

    /** From when on an answer has calls; null if the answer is complete. */
    static void writeCallsKeptFrom(Instant callsKeptFrom, JsonGenerator json) {
        write("calls_kept_from", callsKeptFrom, json);
    }

    static void write(UsageReport report, Dimension of, Dimension by, JsonGenerator json) {
        json.writeStartArray(plural(of));
        for (UsageBlock block : report.blocks()) {
            json.writeStartObject();
            writeMembers(block, of, by, json);
            json.writeEnd();
        }
        json.writeEnd().writeStartObject("total");
        writeMembers(report.total(), of, by, json);
        json.writeEnd();
    }

    static void writeMembers(UsageBlock block, Dimension of, Dimension by, JsonGenerator json) {
        writeName(nameOf(of), block.name(), json);
        writeFigures(block, json);
        if (by != null) {
            json.writeStartArray(plural(by));
            for (UsageBlock part : block.parts()) {
                json.writeStartObject();
                writeMembers(part, by, null, json);
                json.writeEnd();
            }
            json.writeEnd();
        }
    }

    /** Groups of any dimensions. */
    static void write(UsageQuestion question, UsageReport report, Instant callsKeptFrom, JsonGenerator json) {
        writeWindow(question.window(), callsKeptFrom, json);
        json.writeStartArray("dimensions");
        question.dimensions().forEach(dimension -> json.write(dimension.label()));
        json.writeEnd();
        writeGroups(report.blocks(), json);
        json.writeStartObject("total");
        writeGroup(report.total(), json);
        json.writeEnd();
    }

    private static void writeGroups(List<UsageBlock> blocks, JsonGenerator json) {
        json.writeStartArray("groups");
        for (UsageBlock block : blocks) {
            json.writeStartObject();
            writeGroup(block, json);
            json.writeEnd();
        }
        json.writeEnd();
    }

    /** A model or a provider that is not known has an empty name, and no other group has one. Here its value is null. */
    private static void writeGroup(UsageBlock block, JsonGenerator json) {
        String name = block.name();
        writeName("value", name == null || name.isEmpty() ? null : name, json);
        writeFigures(block, json);
        writeGroups(block.parts(), json);
    }

    static void writeName(String member, String name, JsonGenerator json) {
        if (name == null) {
            json.writeNull(member);
        } else {
            json.write(member, name);
        }
    }

    private static void writeFigures(UsageBlock block, JsonGenerator json) {
        write(block.perInvocation(), json);
        json.writeStartObject("llm_call_stats");
        write(block.perCall(), json);
        json.writeEnd();
    }

    static String nameOf(Dimension dimension) {
        if (dimension.tagKey().isPresent()) {
            return "tag";
        }
        return dimension.equals(Dimension.TENANT) ? "tenant_id" : dimension.label();
    }

    private static String plural(Dimension dimension) {
        return dimension.label() + "s";
    }

    private static void write(Figures figures, JsonGenerator json) {
        json.write("total_calls", figures.totalCalls())
                .write("failed_calls", figures.failedCalls())
                .write("unpriced_calls", figures.unpricedCalls());
        write(figures.uncertainCalls(), json);
        json.write("total_cost_usd", PlainDecimal.of(figures.totalCostUsd()));
        write("call_duration", figures.callDuration(), json);
        write("input_tokens", figures.inputTokens(), json);
        write("output_tokens", figures.outputTokens(), json);
    }

    static void write(UncertainCalls calls, JsonGenerator json) {
        json.writeStartObject("uncertain_calls")
                .write("unpriced", calls.unpriced())
                .write("partial", calls.partial())
                .write("maybe_billed", calls.maybeBilled())
                .writeEnd();
    }

    private static void write(String name, Spread spread, JsonGenerator json) {
        json.writeStartObject(name)
                .write("avg", spread.avg())
                .write("min", spread.min())
                .write("max", spread.max())
                .write("p5", spread.p5())
                .write("p95", spread.p95())
                .write("total", spread.total())
                .writeEnd();
    }

    private static void write(String name, Instant instant, JsonGenerator json) {
        if (instant == null) {
            json.writeNull(name);
        } else {
            json.write(name, UTC.format(instant));
        }
    }
}
