package dev.tokentally.pricing;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.tokentally.llm.CallKind;
import dev.tokentally.llm.Meter;
import dev.tokentally.llm.ProviderName;
import dev.tokentally.llm.ServiceTier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads our own format, which docs/prices.md describes. It is strict, since a misread price is worse than none. */
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

    private static final String KIND = "kind";
    private static final String TIER = "tier";
    private static final String HOURS = "hours";

    static final String NAME = "the file of our own format";

    private static final List<String> REQUIRED = List.of(PROVIDER, MODEL, FROM, INPUT, OUTPUT);

    private static final Map<String, Meter> METERS = new LinkedHashMap<>();

    static {
        METERS.put(INPUT, Meter.INPUT_TOKENS);
        METERS.put(OUTPUT, Meter.OUTPUT_TOKENS);
        METERS.put(CACHED_INPUT, Meter.CACHE_READ_TOKENS);
        METERS.put(CACHE_WRITE, Meter.CACHE_WRITE_TOKENS);
        METERS.put(REASONING, Meter.OUTPUT_REASONING_TOKENS);
        for (Meter meter : Meter.values()) {
            if (!METERS.containsValue(meter)) {
                METERS.put(meter.label().replace("_tokens", ""), meter);
            }
        }
    }

    private static final List<String> OPTIONAL = optional();

    private static final Set<String> KINDS = Set.of("chat", "embedding", "moderation", "rerank", "image", "audio");

    private static final Pattern PRICE = Pattern.compile("-?[0-9]{1,15}(\\.[0-9]{1,15})?");
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    private static final Pattern TIER_NAME = Pattern.compile("[a-z][a-z0-9_-]{0,31}");

    private static List<String> optional() {
        List<String> columns = new ArrayList<>(List.of(CACHED_INPUT, CACHE_WRITE, REASONING, UP_TO_INPUT, ALIASES));
        METERS.keySet().stream()
                .filter(column -> !columns.contains(column) && !REQUIRED.contains(column))
                .forEach(columns::add);
        // The last two columns are only for people.
        columns.addAll(List.of(KIND, TIER, HOURS, "source", "as_of"));
        return List.copyOf(columns);
    }

    private final List<CsvLine> entries = new ArrayList<>();

    /** The line in which each combination of model, time, length and tier occurred first. */
    private final Map<List<Object>, Long> prices = new HashMap<>();

    private final Map<List<String>, String> kinds = new HashMap<>();
    private final Map<List<String>, Long> models = new HashMap<>();
    private final Map<List<String>, Alias> aliases = new HashMap<>();

    private List<String> header;
    private CsvRecord record;

    private CsvPrices() {}

    static PriceBook parse(String text) throws PriceFileException {
        return parse(text, NAME);
    }

    static PriceBook parse(String text, String name) throws PriceFileException {
        return new NamedPrices(name, true, CsvModels.of(lines(text)));
    }

    static List<CsvLine> lines(String text) throws PriceFileException {
        return new CsvPrices().read(text);
    }

    private List<CsvLine> read(String text) throws PriceFileException {
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
                    + " it is not CSV: text follows a quotation mark, or a cell does not end");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (entries.isEmpty()) {
            throw new PriceFileException("it contains no price");
        }
        return entries;
    }

    /** In many countries spreadsheets separate cells by a semicolon. */
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
                throw wrong("the column " + PriceText.shown(name) + " is not known; allowed are "
                        + String.join(", ", REQUIRED) + ", " + String.join(", ", OPTIONAL));
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
        CsvLine entry = new CsvLine(
                ProviderName.of(cell(PROVIDER)),
                ModelName.of(required(MODEL)),
                aliases(),
                kind(),
                from(),
                hours(),
                tier(),
                upToInput(),
                prices());
        long line = record.getStartingLineNumber();
        List<Object> key = List.of(
                entry.provider(),
                entry.model(),
                entry.from(),
                entry.upToInput(),
                entry.tier(),
                entry.hours() == null ? "" : entry.hours());
        Long before = prices.putIfAbsent(key, line);
        if (before != null) {
            throw wrong("provider, model, from, up_to_input, tier and hours are the same as in line " + before);
        }
        String kindBefore = kinds.putIfAbsent(List.of(entry.provider(), entry.model()), entry.kind());
        if (kindBefore != null && !kindBefore.equals(entry.kind())) {
            throw wrong("kind differs from an earlier line of the same model");
        }
        Alias taken = aliases.get(List.of(entry.provider(), entry.model()));
        if (taken != null) {
            throw wrong("the model is also an alias of another model in line " + taken.line);
        }
        models.putIfAbsent(List.of(entry.provider(), entry.model()), line);
        for (String alias : entry.aliases()) {
            addAlias(alias, entry, line);
        }
        entries.add(entry);
    }

    private void addAlias(String alias, CsvLine entry, long line) throws PriceFileException {
        List<String> key = List.of(entry.provider(), alias);
        if (models.containsKey(key)) {
            throw wrong("the alias " + PriceText.shown(alias) + " is a model of its own in line " + models.get(key));
        }
        Alias first = aliases.putIfAbsent(key, new Alias(entry.model(), line));
        if (first != null && !first.model.equals(entry.model())) {
            throw wrong("the alias " + PriceText.shown(alias) + " belongs to another model in line " + first.line);
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
            return date.indexOf('T') > 0
                    ? OffsetDateTime.parse(date).toInstant()
                    : LocalDate.parse(date).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw wrong(FROM + " is " + PriceText.shown(date)
                    + " and must be a date such as 2026-01-31 or 2026-01-31T16:00:00Z");
        }
    }

    private long upToInput() throws PriceFileException {
        String number = cell(UP_TO_INPUT);
        if (number.isEmpty()) {
            return PricePeriod.ANY_LENGTH;
        }
        if (!NUMBER.matcher(number).matches()) {
            throw wrong(UP_TO_INPUT + " is " + PriceText.shown(number)
                    + " and must be a number of tokens such as 200000, or empty");
        }
        return Long.parseLong(number);
    }

    private String kind() throws PriceFileException {
        String kind = cell(KIND).toLowerCase(Locale.ROOT);
        if (!kind.isEmpty() && !KINDS.contains(kind)) {
            throw wrong(KIND + " is " + PriceText.shown(kind) + " and must be one of "
                    + String.join(", ", new TreeSet<>(KINDS)) + ", or empty");
        }
        return kind;
    }

    private String tier() throws PriceFileException {
        String tier = ServiceTier.of(cell(TIER));
        if (!tier.isEmpty() && !TIER_NAME.matcher(tier).matches()) {
            throw wrong(TIER + " is " + PriceText.shown(tier) + " and must be a name such as flex, or empty");
        }
        return PriceSheet.isTier(tier) ? tier : "";
    }

    private Hours hours() throws PriceFileException {
        String cell = cell(HOURS);
        try {
            return CsvHours.parse(cell);
        } catch (IllegalArgumentException e) {
            throw wrong(HOURS + " is " + PriceText.shown(cell) + " and " + e.getMessage());
        }
    }

    /**
     * Reads the line's prices. Input and output need a price, with three exceptions: a line with prices for units needs
     * none for tokens, a kind without output needs none for output, and a line for a tier may have only some prices.
     */
    private Map<Meter, BigDecimal> prices() throws PriceFileException {
        Map<Meter, BigDecimal> found = new EnumMap<>(Meter.class);
        for (Map.Entry<String, Meter> column : METERS.entrySet()) {
            BigDecimal price = price(column.getKey(), cell(column.getKey()), column.getValue());
            if (price != null) {
                found.put(column.getValue(), price);
            }
        }
        boolean units = found.keySet().stream().anyMatch(Meter::isUnit);
        if (units && !tier().isEmpty()) {
            throw unitInTier();
        }
        boolean tier = !tier().isEmpty() && !found.isEmpty();
        if (!units && !tier) {
            required(INPUT);
        }
        if (!units && !tier && CallKind.hasOutput(kind())) {
            required(OUTPUT);
        }
        return found;
    }

    private PriceFileException unitInTier() {
        String column = METERS.entrySet().stream()
                .filter(each -> each.getValue().isUnit() && !cell(each.getKey()).isEmpty())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
        return wrong(column + " is " + PriceText.shown(cell(column))
                + " in a line with a tier, but units have no tiers; put it into the line without a tier");
    }

    private BigDecimal price(String column, String cell, Meter meter) throws PriceFileException {
        if (cell.isEmpty()) {
            return null;
        }
        if (!PRICE.matcher(cell).matches()) {
            throw wrong(column + " is " + PriceText.shown(cell)
                    + " and must be the dollars for " + (meter.isUnit() ? "a thousand" : "a million tokens")
                    + ", with a point, such as 2.50");
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
