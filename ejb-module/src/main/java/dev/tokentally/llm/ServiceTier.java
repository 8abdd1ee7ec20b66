package dev.tokentally.llm;

import java.util.Locale;

/** The names of the tiers in which providers serve calls. */
public final class ServiceTier {

    /** What most calls are served in. */
    public static final String STANDARD = "standard";

    private ServiceTier() {}

    /**
     * One name for a tier that has several.
     *
     * @param told as the provider, or the caller, names it; null when not told
     * @return the name in small letters, {@link #STANDARD} for {@code default}, {@code auto} and {@code on_demand}; empty
     *     when not told
     */
    public static String of(String told) {
        if (told == null) {
            return "";
        }
        String tier = told.strip().toLowerCase(Locale.ROOT);
        return switch (tier) {
            case "default", "auto", "on_demand" -> STANDARD;
            default -> tier;
        };
    }
}
