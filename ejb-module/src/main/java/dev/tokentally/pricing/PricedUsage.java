package dev.tokentally.pricing;

import dev.tokentally.llm.CallKind;
import dev.tokentally.llm.Meter;
import dev.tokentally.llm.ServiceTier;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.TokenCounts;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A usage for which a price is wanted.
 *
 * @param provider the provider that ran the model; empty when unknown
 * @param model the model that answered; empty when unknown
 * @param kind what kind of call it was
 * @param at when the call started
 * @param serviceTier the tier in which the call was served, by one of its names; empty when not known
 * @param quantities how much of each meter was used; meters with 0 are left out, except joint counts, of which 0 says
 *     that their wholes do not overlap
 * @param doubts why the counts may not explain the whole bill
 * @param searchContext the size of the context of its web searches, such as {@code low}; empty when not known
 */
public record PricedUsage(
        String provider,
        String model,
        String kind,
        Instant at,
        String serviceTier,
        Map<Meter, Long> quantities,
        Set<UsageDoubt> doubts,
        String searchContext) {

    /**
     * Copies the collections and brings the names into one form.
     *
     * @throws NullPointerException when a component is null
     * @throws IllegalArgumentException when a quantity is negative
     */
    public PricedUsage {
        Objects.requireNonNull(provider, "provider");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(searchContext, "searchContext");
        kind = kind.strip().toLowerCase(Locale.ROOT);
        serviceTier = ServiceTier.of(serviceTier);
        Map<Meter, Long> copy = new EnumMap<>(Meter.class);
        quantities.forEach((meter, quantity) -> {
            if (quantity < 0) {
                throw new IllegalArgumentException(meter.label() + " must not be negative: " + quantity);
            }
            if (quantity > 0 || meter.isJoint()) {
                copy.put(meter, quantity);
            }
        });
        quantities = Collections.unmodifiableMap(copy);
        doubts = doubts.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(doubts));
    }

    /**
     * What a recorded call used.
     *
     * @param usage the record's usage; an unknown meter or doubt leads to {@link UsageDoubt#CONTRADICTORY}
     * @param at when the call started
     * @return the usage to price
     */
    public static PricedUsage of(CallUsage usage, Instant at) {
        TokenCounts tokens = usage.tokens();
        Map<Meter, Long> quantities = new EnumMap<>(Meter.class);
        quantities.put(Meter.INPUT_TOKENS, (long) tokens.input());
        quantities.put(Meter.OUTPUT_TOKENS, (long) tokens.output());
        quantities.put(Meter.CACHE_READ_TOKENS, (long) tokens.cachedInput());
        quantities.put(Meter.CACHE_WRITE_TOKENS, (long) tokens.cacheWrite());
        quantities.put(Meter.OUTPUT_REASONING_TOKENS, (long) tokens.reasoning());
        Set<UsageDoubt> doubts = EnumSet.noneOf(UsageDoubt.class);
        tokens.meters().forEach((name, quantity) -> Meter.ofLabel(name)
                .ifPresentOrElse(meter -> quantities.put(meter, quantity), () -> doubts.add(UsageDoubt.CONTRADICTORY)));
        tokens.doubts().forEach(name -> doubts.add(UsageDoubt.ofLabel(name).orElse(UsageDoubt.CONTRADICTORY)));
        return new PricedUsage(
                usage.provider(), usage.model(), usage.kind(), at, usage.serviceTier(), quantities, doubts, "");
    }

    long quantity(Meter meter) {
        return quantities.getOrDefault(meter, 0L);
    }

    /** The length of the prompt in tokens, on which prices may depend. */
    long length() {
        return quantity(Meter.INPUT_TOKENS);
    }

    boolean hasOutput() {
        return CallKind.hasOutput(kind);
    }
}
