package dev.tokentally.web.usage;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageStoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Calls as RFC 4180 has it, in UTF-8, with the columns of {@link CallJson}. A cell that a spreadsheet would run as a
 * formula gets an apostrophe before it, as OWASP's page on CSV injection has it; the full-width signs are those that
 * Japanese and Chinese spreadsheets take for the same.
 */
final class CallCsv {

    private static final Pattern FORMULA = Pattern.compile("[\\t\\r\\n]|[\\p{Cntrl}\\p{Z}\\p{Cf}]*[=+\\-@＝＋－＠]");

    private CallCsv() {}

    static void write(CallList calls, OutputStream out) throws UsageStoreException {
        CsvWriter csv = CsvWriter.builder().build(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        csv.writeRecord(
                "id",
                "call_id",
                "tenant_id",
                "operation",
                "started_at",
                "call_duration_ms",
                "first_token_ms",
                "provider",
                "model",
                "input_tokens",
                "output_tokens",
                "cached_input_tokens",
                "cache_write_tokens",
                "reasoning_tokens",
                "cost_usd",
                "cost_source",
                "status",
                "error_class");
        try {
            calls.send(call -> csv.writeRecord(cells(call)));
        } catch (UsageStoreException | RuntimeException e) {
            csv.writeRecord("INCOMPLETE: the usage records could not be read any further; ask again");
            throw e;
        } finally {
            flush(csv);
        }
    }

    private static void flush(CsvWriter csv) {
        try {
            csv.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String[] cells(CallRecord call) {
        return new String[] {
            call.id().toString(),
            call.callId().toString(),
            harmless(call.tenantId()),
            harmless(call.operation()),
            CallJson.MICROSECONDS.format(call.startedAt()),
            Long.toString(call.callDuration().toMillis()),
            call.firstToken() == null ? "" : Long.toString(call.firstToken().toMillis()),
            harmless(call.provider()),
            harmless(call.model()),
            Long.toString(call.tokens().input()),
            Long.toString(call.tokens().output()),
            Long.toString(call.tokens().cachedInput()),
            Long.toString(call.tokens().cacheWrite()),
            Long.toString(call.tokens().reasoning()),
            call.costUsd().stripTrailingZeros().toPlainString(),
            call.costSource().label(),
            call.status().label(),
            call.errorClass() == null ? "" : harmless(call.errorClass())
        };
    }

    static String harmless(String cell) {
        return FORMULA.matcher(cell).lookingAt() ? "'" + cell : cell;
    }
}
