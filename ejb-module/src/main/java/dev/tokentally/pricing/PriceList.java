package dev.tokentally.pricing;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Prices calls whose provider does not say their cost. It uses the prices that come with the module and those of the
 * file that {@code tokentally.prices.file} names. The file is read at the start only, so a change to it takes effect at
 * the next start. Safe for use by many threads, and fast enough for every call.
 */
@ApplicationScoped
public class PriceList {

    private static final Logger LOG = QuietLog.of(PriceList.class);

    private static final String SHIPPED = "prices.csv";

    private static final String SHIPPED_NAME = "the list that is shipped";

    private final PriceBook file;
    private final PriceSearch search;
    private final String summary;

    /** For the proxy that CDI creates for a normal-scoped bean. */
    protected PriceList() {
        this.file = null;
        this.search = null;
        this.summary = null;
    }

    /**
     * Reads the prices.
     *
     * @param settings the setting that names the file
     * @throws InvalidSettingException when the file cannot be read or contains a mistake; the message says where
     */
    @Inject
    public PriceList(Settings settings) {
        PriceBook shipped = shipped();
        this.file = settings.pricesFile().map(PriceList::own).orElse(PriceBook.EMPTY);
        this.search = new PriceSearch(file, shipped);
        this.summary = shipped.size() + " models have prices in the list that is shipped"
                + settings.pricesFile()
                        .map(name -> ", " + file.size() + " are in " + file.name() + ", " + name)
                        .orElse("");
    }

    PriceList(PriceBook file, PriceBook shipped) {
        this.file = file;
        this.search = new PriceSearch(file, shipped);
        this.summary = null;
    }

    /**
     * Logs how many prices there are. The call makes CDI create this bean, so that a wrong file shows when the
     * application starts.
     */
    void announce() {
        LOG.log(Level.INFO, summary);
    }

    /**
     * Whether the file says since when its prices hold. If it does not, a repricing gives past calls today's prices.
     *
     * @return false if it does not; true also if there is no file
     */
    public boolean isDated() {
        return file.isDated();
    }

    /**
     * What a usage costs, and why. Never throws.
     *
     * @param usage what was used
     * @return the quote
     */
    public Quote quote(PricedUsage usage) {
        return search.quote(usage);
    }

    /**
     * The cost of a call. Never throws.
     *
     * @param given the cost that the provider or the adapter named; {@link Cost#UNKNOWN} if they named none
     * @param usage what the call used
     * @param startedAt when the call started; the price of that time is taken
     * @return the given cost, otherwise the list's; {@link Cost#UNKNOWN} if the list has no price
     */
    public Cost costOf(Cost given, CallUsage usage, Instant startedAt) {
        if (given.source() == CostSource.PROVIDER) {
            return given;
        }
        Quote quote = search.quote(PricedUsage.of(usage, startedAt));
        return quote.costUsd() == null ? Cost.UNKNOWN : Cost.listed(quote.costUsd(), quote.source());
    }

    static PriceBook shipped() {
        try (InputStream in = PriceList.class.getResourceAsStream(SHIPPED)) {
            return CsvPrices.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), SHIPPED_NAME);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (PriceFileException e) {
            throw new IllegalStateException("the module's own list of prices: " + e.getMessage(), e);
        }
    }

    private static PriceBook own(String file) {
        try {
            return PriceFile.read(file);
        } catch (PriceFileException e) {
            throw new InvalidSettingException(
                    Setting.PRICES_FILE.key(), file, Setting.PRICES_FILE.allowed() + "; " + e.getMessage());
        }
    }
}
