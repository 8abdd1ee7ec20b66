package dev.tokentally.pricing;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
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

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected PriceList() {
        this.table = null;
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
        LOG.log(
                Level.INFO,
                shipped.size() + " prices come with the module"
                        + settings.pricesFile()
                                .map(file -> ", " + own.size() + " are from " + file)
                                .orElse(""));
    }

    PriceList(PriceTable table) {
        this.table = table;
    }

    /**
     * The cost of a call. Never throws.
     *
     * @param given US dollars, as the provider or the adapter says; null where it does not, and what {@link
     *     Cost#given(Double)} does not take counts as that
     * @param provider who ran the model; null or empty when unknown
     * @param model which model answered; null or empty when unknown
     * @param startedAt when the call started, which chooses the price
     * @param tokens what it used
     * @return what is given, else what the list says; {@link Cost#UNKNOWN} where it says nothing
     */
    public Cost costOf(Double given, String provider, String model, Instant startedAt, TokenCounts tokens) {
        Cost said = Cost.given(given);
        return said.source() == CostSource.PROVIDER ? said : listed(provider, model, startedAt, tokens);
    }

    /** No call is answered for no tokens at all: they are then not known, and 0 would be a lie. */
    Cost listed(String provider, String model, Instant startedAt, TokenCounts tokens) {
        if (tokens.input() == 0 && tokens.output() == 0) {
            return Cost.UNKNOWN;
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
