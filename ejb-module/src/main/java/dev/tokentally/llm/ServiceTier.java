package dev.tokentally.llm;

import java.util.Locale;

/** The names of the tiers in which providers serve calls. */
public final class ServiceTier {

    /** The tier of most calls. */
    public static final String STANDARD = "standard";

    private ServiceTier() {}

    /**
     * One name for a tier that has several.
     *
     * @param told the provider's or the caller's name of it; null when not known
     * @return the name in lower case; {@link #STANDARD} for {@code default}, {@code auto} and {@code on_demand}; empty
     *     when not known
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
