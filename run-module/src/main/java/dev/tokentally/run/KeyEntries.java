package dev.tokentally.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Checks the value of {@code TOKENTALLY_API_KEYS}. The server refuses a wrong value too, but only after it has started.
 * No message quotes the value, since somebody may have put a key itself there.
 */
final class KeyEntries {

    private static final int TENANT_LENGTH = 255;
    private static final int HASH_DIGITS = 64;

    private KeyEntries() {}

    /**
     * Counts the entries.
     *
     * @throws InvalidOptionException when one is not {@code TENANT:ROLE:SHA256HEX}, or has the hash of another one with
     *     another tenant or role
     */
    static int count(String value) {
        // The server replaces such an expression by another value of the configuration.
        if (value.isBlank() || value.contains("${")) {
            return value.isBlank() ? 0 : 1;
        }
        List<Entry> entries = new ArrayList<>();
        for (String text : value.split(",", -1)) {
            try {
                entries.add(withoutContradiction(entry(text), entries));
            } catch (IllegalArgumentException wrong) {
                throw new InvalidOptionException(Options.API_KEYS + ": entry " + (entries.size() + 1) + " is wrong, "
                        + wrong.getMessage()
                        + ". Allowed is a list of TENANT:ROLE:SHA256HEX, separated by commas, with the role tenant or"
                        + " admin and the hash of the key: printf %s \"$KEY\" | sha256sum");
            }
        }
        return entries.size();
    }

    private static Entry entry(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("it is empty");
        }
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("it has " + parts.length + " part(s) between colons instead of 3");
        }
        return new Entry(parts[0].strip(), parts[1].strip(), parts[2].strip().toLowerCase(Locale.ROOT));
    }

    private static Entry withoutContradiction(Entry entry, List<Entry> earlier) {
        for (int i = 0; i < earlier.size(); i++) {
            if (earlier.get(i).hash.equals(entry.hash) && !earlier.get(i).equals(entry)) {
                throw new IllegalArgumentException(
                        "its hash is that of entry " + (i + 1) + ", with another tenant or role");
            }
        }
        return entry;
    }

    private record Entry(String tenant, String role, String hash) {

        Entry {
            if (tenant.isBlank()) {
                throw new IllegalArgumentException("its tenant is blank");
            }
            if (tenant.length() > TENANT_LENGTH) {
                throw new IllegalArgumentException(
                        "its tenant has " + tenant.length() + " characters, at most " + TENANT_LENGTH + " are allowed");
            }
            if (tenant.codePoints().anyMatch(KeyEntries::isNoText)) {
                throw new IllegalArgumentException("its tenant holds a control character or half a character");
            }
            if (!role.equals("tenant") && !role.equals("admin")) {
                throw new IllegalArgumentException("its role is neither tenant nor admin");
            }
            if (hash.length() != HASH_DIGITS) {
                throw new IllegalArgumentException(
                        "its hash has " + hash.length() + " characters instead of " + HASH_DIGITS);
            }
            if (!hash.matches("[0-9a-f]*")) {
                throw new IllegalArgumentException("its hash has characters other than hexadecimal digits");
            }
        }
    }

    private static boolean isNoText(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            default -> false;
        };
    }
}
