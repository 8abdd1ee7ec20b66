package dev.tokentally.pricing;

import dev.tokentally.usage.UsageRepricing;
import java.time.Clock;
import java.util.List;

/** Repricing without a server, for tests of other rooms too. */
public final class Repricings {

    private Repricings() {}

    /** With the prices of a text in our own format, ready to begin. */
    public static Repricing of(String prices, UsageRepricing store) {
        Repricing repricing = new Repricing(list(prices), store, Clock.systemUTC());
        repricing.start(work -> {
            Thread thread = new Thread(work, "repricing");
            thread.setDaemon(true);
            return thread;
        });
        return repricing;
    }

    /** A list with nothing but these prices. */
    public static PriceList list(String prices) {
        try {
            return new PriceList(PriceTable.of(List.of(), CsvPrices.parse(prices)));
        } catch (PriceFileException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Waits until all of them are over, and answers with the newest. */
    public static RepricingStatus awaitEnd(Repricing repricing) throws InterruptedException {
        while (repricing.latest().stream().anyMatch(status -> !status.state().isOver())) {
            Thread.sleep(5);
        }
        return repricing.latest().get(0);
    }
}
