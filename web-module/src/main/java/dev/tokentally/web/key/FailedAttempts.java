package dev.tokentally.web.key;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import dev.tokentally.web.key.FailedAttempt.Line;
import dev.tokentally.web.key.Failures.Telling;
import dev.tokentally.web.key.Failures.Verdict;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.eclipse.microprofile.config.Config;

/**
 * Counts the requests without a right key for each address, in a limited memory. If there are more addresses than it holds, the
 * ones that were quiet for longest are forgotten. Too many wrong keys are refused. There may be any number of requests without a
 * key, such as those of a browser or a monitor. Only their log lines are limited. Safe for use by many threads.
 */
@ApplicationScoped
public class FailedAttempts {

    static final int MOST_SOURCES = 10_000;

    /**
     * The limit for all addresses together. Otherwise somebody with many addresses could fill the log with a few lines from each.
     */
    static final int MOST_LINES = 200;

    private final int allowed;
    private final LongSupplier nanoTime;
    private final Failures lines;
    private final Map<Source, Failures> bySource = new LinkedHashMap<>(16, 0.75f, true);
    private long untold;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected FailedAttempts() {
        this(0, () -> 0);
    }

    /**
     * Reads how many attempts are allowed.
     *
     * @param config the configuration
     * @throws InvalidSettingException when the number is not allowed
     */
    @Inject
    public FailedAttempts(Config config) {
        this(Setting.API_FAILED_ATTEMPTS.in(config), System::nanoTime);
    }

    FailedAttempts(int allowed, LongSupplier nanoTime) {
        this.allowed = allowed;
        this.nanoTime = nanoTime;
        this.lines = new Failures(MOST_LINES, nanoTime.getAsLong());
    }

    /**
     * How many wrong keys one address may send at once.
     *
     * @return the number
     */
    public int allowed() {
        return allowed;
    }

    /** Counts one more wrong key from an address. */
    FailedAttempt from(ClientAddress address) {
        return counted(new Source(address.counted(), true));
    }

    /** Counts one more request without a key from an address. Such a request is never refused for its number. */
    FailedAttempt withoutKeyFrom(ClientAddress address) {
        FailedAttempt attempt = counted(new Source(address.counted(), false));
        return new FailedAttempt(0, attempt.line(), attempt.untoldBefore());
    }

    private synchronized FailedAttempt counted(Source source) {
        long now = nanoTime.getAsLong();
        Verdict verdict = bySource.computeIfAbsent(source, first -> new Failures(allowed, now))
                .another(now);
        if (bySource.size() > MOST_SOURCES) {
            forgetOne();
        }
        return told(verdict, now);
    }

    private FailedAttempt told(Verdict verdict, long now) {
        Line line = verdict.telling() == Telling.NOTHING
                ? Line.NONE
                : Line.of(verdict.telling(), lines.another(now).telling());
        if (line == Line.NONE) {
            untold++;
            return new FailedAttempt(verdict.waitNanos(), line, 0);
        }
        long untoldBefore = untold;
        untold = 0;
        return new FailedAttempt(verdict.waitNanos(), line, untoldBefore);
    }

    synchronized int sources() {
        return bySource.size();
    }

    private void forgetOne() {
        Iterator<Source> quietForLongest = bySource.keySet().iterator();
        quietForLongest.next();
        quietForLongest.remove();
    }

    private record Source(String address, boolean bringsKeys) {}
}
