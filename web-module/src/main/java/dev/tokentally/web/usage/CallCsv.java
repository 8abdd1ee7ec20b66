package dev.tokentally.web.usage;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageStoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Calls as CSV (RFC 4180) in UTF-8, with the columns of {@link CallJson}. A text that a spreadsheet would run as a formula gets an
 * apostrophe before it, as OWASP's page on CSV injection recommends. A spreadsheet may use another separator than the comma, and
 * then its cell may begin inside one of ours. So every place where a cell could begin is checked.
 */
final class CallCsv {

    /** The places where a cell may begin: at the start, after a separator of spreadsheets, and after a line end. */
    private static final String START = "(?:^|(?<=[;,|\\t\\r\\n\\x0B\\f\\x85\\u2028\\u2029]))";

    /**
     * Spaces, invisible signs and quotation marks do not keep a spreadsheet from seeing a formula, so they are skipped. Apostrophes
     * are skipped in the same way. So a text that already begins with an apostrophe and a formula gets another one, and a reader
     * may always remove exactly one. Japanese and Chinese spreadsheets treat the full-width signs like the usual ones.
     */
    private static final Pattern FORMULA =
            Pattern.compile(START + "(?='*[\\t\\r\\n]|[\\p{Cntrl}\\p{Z}\\p{Cf}\"']*[=+\\-@＝＋－＠])");

    private CallCsv() {}

    /**
     * Writes all.
     *
     * @param keptFrom from when on the list has calls, as its header says
     */
    static void write(CallList calls, Instant keptFrom, OutputStream out) throws UsageStoreException {
        CsvWriter csv = CsvWriter.builder().build(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        csv.writeRecord(CallColumn.ALL.stream().map(CallColumn::columnName).toList());
        try {
            calls.send(call -> csv.writeRecord(cells(call)));
            if (!Objects.equals(calls.callsKeptFrom(), keptFrom)) {
                throw new UsageStoreException("older calls were dropped meanwhile", null);
            }
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

    private static List<String> cells(CallRecord call) {
        return CallColumn.ALL.stream().map(column -> cell(column, call)).toList();
    }

    private static String cell(CallColumn<?> column, CallRecord call) {
        Object value = column.of(call);
        if (value == null) {
            return "";
        }
        return switch (column.type()) {
            case TEXT, TAGS -> harmless(column.textOf(call));
            case INSTANT -> CallJson.MICROSECONDS.format((Instant) value);
            case DECIMAL -> ((BigDecimal) value).stripTrailingZeros().toPlainString();
            case UUID, LABEL, METERS, LONG, INTEGER -> column.textOf(call);
        };
    }

    static String harmless(String cell) {
        return FORMULA.matcher(cell).replaceAll("'");
    }
}
