package dev.tokentally.pricing;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads our own format, which docs/prices.md describes, strictly: a price that is misread is worse than none. */
final class CsvPrices {

    private static final String PROVIDER = "provider";
    private static final String MODEL = "model";
    private static final String FROM = "from";
    private static final String INPUT = "input";
    private static final String CACHED_INPUT = "cached_input";
    private static final String CACHE_WRITE = "cache_write";
    private static final String OUTPUT = "output";
    private static final String REASONING = "reasoning";
    private static final String UP_TO_INPUT = "up_to_input";
    private static final String ALIASES = "aliases";

    private static final List<String> REQUIRED = List.of(PROVIDER, MODEL, FROM, INPUT, OUTPUT);

    /** The last two are for people. */
    private static final List<String> OPTIONAL =
            List.of(CACHED_INPUT, CACHE_WRITE, REASONING, UP_TO_INPUT, ALIASES, "source", "as_of");

    private static final Pattern PRICE = Pattern.compile("-?[0-9]{1,15}(\\.[0-9]{1,15})?");
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    private final List<PriceEntry> entries = new ArrayList<>();

    /** Where a price, or a name, was met first. */
    private final Map<List<Object>, Long> prices = new HashMap<>();

    private final Map<List<String>, Long> models = new HashMap<>();
    private final Map<List<String>, Alias> aliases = new HashMap<>();

    private List<String> header;
    private CsvRecord record;

    private CsvPrices() {}

    static List<PriceEntry> parse(String text) throws PriceFileException {
        return new CsvPrices().read(text);
    }

    private List<PriceEntry> read(String text) throws PriceFileException {
        try (CsvReader<CsvRecord> records = CsvReader.builder()
                .fieldSeparator(separator(text))
                .commentStrategy(CommentStrategy.SKIP)
                .acceptCharsAfterQuotes(false)
                .ofCsvRecord(text)) {
            for (CsvRecord each : records) {
                record = each;
                if (header == null) {
                    header = header();
                } else if (!each.getFields().stream().allMatch(String::isBlank)) {
                    add();
                }
            }
        } catch (CsvParseException e) {
            throw new PriceFileException("after line " + (record == null ? 0 : record.getStartingLineNumber())
                    + " it is no CSV: text follows a quotation mark, or a cell does not end");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (entries.isEmpty()) {
            throw new PriceFileException("it holds no price");
        }
        return entries;
    }

    /** Spreadsheets of many countries separate by a semicolon. */
    private static char separator(String text) {
        for (String line : (Iterable<String>) text.lines()::iterator) {
            if (!line.isBlank() && !line.startsWith("#")) {
                return line.indexOf(';') >= 0 && line.indexOf(',') < 0 ? ';' : ',';
            }
        }
        return ',';
    }

    private List<String> header() throws PriceFileException {
        List<String> names = record.getFields().stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .toList();
        for (String name : names) {
            if (!REQUIRED.contains(name) && !OPTIONAL.contains(name)) {
                throw wrong("there is no column " + PriceText.shown(name) + "; known are " + String.join(", ", REQUIRED)
                        + ", " + String.join(", ", OPTIONAL));
            }
            if (names.indexOf(name) != names.lastIndexOf(name)) {
                throw wrong("the column " + name + " is there twice");
            }
        }
        for (String name : REQUIRED) {
            if (!names.contains(name)) {
                throw wrong("the column " + name + " is missing");
            }
        }
        return names;
    }

    private void add() throws PriceFileException {
        if (record.getFieldCount() != header.size()) {
            throw wrong("there are " + record.getFieldCount() + " cells, but " + header.size() + " columns");
        }
        PriceEntry entry = new PriceEntry(
                ProviderName.of(cell(PROVIDER)),
                ModelName.of(required(MODEL)),
                aliases(),
                from(),
                upToInput(),
                Price.of(
                        price(INPUT, required(INPUT)),
                        price(CACHED_INPUT, cell(CACHED_INPUT)),
                        price(CACHE_WRITE, cell(CACHE_WRITE)),
                        price(OUTPUT, required(OUTPUT)),
                        price(REASONING, cell(REASONING))));
        long line = record.getStartingLineNumber();
        Long before =
                prices.putIfAbsent(List.of(entry.provider(), entry.model(), entry.from(), entry.upToInput()), line);
        if (before != null) {
            throw wrong("provider, model, from and up_to_input are those of line " + before);
        }
        Alias taken = aliases.get(List.of(entry.provider(), entry.model()));
        if (taken != null) {
            throw wrong("the model is called as an alias in line " + taken.line);
        }
        models.putIfAbsent(List.of(entry.provider(), entry.model()), line);
        for (String alias : entry.aliases()) {
            addAlias(alias, entry, line);
        }
        entries.add(entry);
    }

    private void addAlias(String alias, PriceEntry entry, long line) throws PriceFileException {
        List<String> key = List.of(entry.provider(), alias);
        if (models.containsKey(key)) {
            throw wrong("the alias " + PriceText.shown(alias) + " is a model of its own in line " + models.get(key));
        }
        Alias first = aliases.putIfAbsent(key, new Alias(entry.model(), line));
        if (first != null && !first.model.equals(entry.model())) {
            throw wrong("the alias " + PriceText.shown(alias) + " is one of another model in line " + first.line);
        }
    }

    private List<String> aliases() {
        String cell = cell(ALIASES);
        return cell.isEmpty()
                ? List.of()
                : List.of(cell.split("\\s+")).stream().map(ModelName::of).toList();
    }

    private Instant from() throws PriceFileException {
        String date = required(FROM);
        try {
            return LocalDate.parse(date).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw wrong(FROM + " is " + PriceText.shown(date) + " and must be a date such as 2026-01-31");
        }
    }

    private int upToInput() throws PriceFileException {
        String number = cell(UP_TO_INPUT);
        if (number.isEmpty()) {
            return PriceEntry.ANY_INPUT;
        }
        if (!NUMBER.matcher(number).matches()) {
            throw wrong(UP_TO_INPUT + " is " + PriceText.shown(number)
                    + " and must be a number of tokens such as 200000, or empty");
        }
        return Integer.parseInt(number);
    }

    private BigDecimal price(String column, String cell) throws PriceFileException {
        if (cell.isEmpty()) {
            return null;
        }
        if (!PRICE.matcher(cell).matches()) {
            throw wrong(column + " is " + PriceText.shown(cell)
                    + " and must be the dollars for a million tokens, with a point, such as 2.50");
        }
        BigDecimal price = new BigDecimal(cell);
        String fault = PriceText.fault(price);
        if (fault != null) {
            throw wrong(column + " is " + PriceText.shown(cell) + ", which " + fault);
        }
        return price;
    }

    private String required(String column) throws PriceFileException {
        String cell = cell(column);
        if (cell.isEmpty()) {
            throw wrong(column + " is empty");
        }
        return cell;
    }

    private String cell(String column) {
        int index = header.indexOf(column);
        return index < 0 ? "" : record.getField(index).strip();
    }

    private PriceFileException wrong(String what) {
        return new PriceFileException("line " + record.getStartingLineNumber() + ": " + what);
    }

    private record Alias(String model, long line) {}
}
