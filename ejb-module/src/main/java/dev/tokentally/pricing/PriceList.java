package dev.tokentally.pricing;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.List;

/**
 * What calls cost whose provider does not say it: the prices that come with the module, and those of the file that {@code
 * tokentally.prices.file} names. Read once, so a changed file holds from the next start on. Safe for use by many threads,
 * and fast enough to be asked in every call.
 */
@ApplicationScoped
public class PriceList {

    private static final Logger LOG = System.getLogger(PriceList.class.getName());

    private static final String SHIPPED = "prices.csv";

    private final PriceTable table;
    private final String summary;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected PriceList() {
        this.table = null;
        this.summary = null;
    }

    /**
     * Reads the prices.
     *
     * @param settings where the file is
     * @throws InvalidSettingException when it cannot be read or has something wrong in it; the message says where
     */
    @Inject
    public PriceList(Settings settings) {
        List<PriceEntry> shipped = shipped();
        List<PriceEntry> own = settings.pricesFile().map(PriceList::own).orElse(List.of());
        this.table = PriceTable.of(shipped, own);
        this.summary = shipped.size() + " prices come with the module"
                + settings.pricesFile()
                        .map(file -> ", " + own.size() + " are from " + file)
                        .orElse("");
    }

    PriceList(PriceTable table) {
        this.table = table;
        this.summary = null;
    }

    /** Says what there is; CDI reads the prices for it, so that a wrong file shows when the application starts. */
    void announce() {
        LOG.log(Level.INFO, summary);
    }

    /**
     * The cost of a call. Never throws.
     *
     * @param given what the provider or the adapter says; {@link Cost#UNKNOWN} where it says nothing
     * @param provider who ran the model; null or empty when unknown
     * @param model which model answered; null or empty when unknown
     * @param startedAt when the call started, which chooses the price
     * @param tokens what it used
     * @return what is given, else what the list says; {@link Cost#UNKNOWN} where it says nothing
     */
    public Cost costOf(Cost given, String provider, String model, Instant startedAt, TokenCounts tokens) {
        // No call is answered for no tokens at all: they are then not known, and 0 would be a lie.
        if (given.source() == CostSource.PROVIDER || tokens.input() == 0 && tokens.output() == 0) {
            return given;
        }
        Price price = table.find(provider, model, startedAt, tokens.input());
        return price == null ? Cost.UNKNOWN : Cost.listed(price.costOf(tokens));
    }

    static List<PriceEntry> shipped() {
        try (InputStream in = PriceList.class.getResourceAsStream(SHIPPED)) {
            return PriceFile.read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (PriceFileException e) {
            throw new IllegalStateException("the module's own list of prices: " + e.getMessage(), e);
        }
    }

    private static List<PriceEntry> own(String file) {
        try {
            return PriceFile.read(file);
        } catch (PriceFileException e) {
            throw new InvalidSettingException(
                    Setting.PRICES_FILE.key(), file, Setting.PRICES_FILE.allowed() + "; " + e.getMessage());
        }
    }
}
