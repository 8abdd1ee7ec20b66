package dev.tokentally.run;

/**
 * Checks the value of {@code TOKENTALLY_API_KEYS}. The server refuses a wrong value too, but only after it has started.
 * No message quotes the value, since somebody may have put a key itself there.
 */
final class KeyEntries {

    private static final int HASH_DIGITS = 64;

    private KeyEntries() {}

    /**
     * Counts the entries.
     *
     * @throws InvalidOptionException when one is not {@code TENANT:ROLE:SHA256HEX}
     */
    static int count(String value) {
        // The server replaces such an expression by another value of the configuration.
        if (value.isBlank() || value.contains("${")) {
            return value.isBlank() ? 0 : 1;
        }
        String[] entries = value.split(",", -1);
        for (int i = 0; i < entries.length; i++) {
            String fault = fault(entries[i]);
            if (fault != null) {
                throw new InvalidOptionException(Options.API_KEYS + ": entry " + (i + 1) + " is wrong, " + fault
                        + ". Allowed is a list of TENANT:ROLE:SHA256HEX, separated by commas, with the role tenant or"
                        + " admin and the hash of the key: printf %s \"$KEY\" | sha256sum");
            }
        }
        return entries.length;
    }

    /** What is wrong with an entry; null if it is right. */
    private static String fault(String entry) {
        if (entry.isBlank()) {
            return "it is empty";
        }
        String[] parts = entry.split(":", -1);
        if (parts.length != 3) {
            return "it has " + parts.length + " part(s) between colons instead of 3";
        }
        if (parts[0].isBlank()) {
            return "its tenant is blank";
        }
        String role = parts[1].strip();
        if (!role.equals("tenant") && !role.equals("admin")) {
            return "its role is neither tenant nor admin";
        }
        String hash = parts[2].strip();
        if (hash.length() != HASH_DIGITS) {
            return "its hash has " + hash.length() + " characters instead of " + HASH_DIGITS;
        }
        return hash.matches("[0-9A-Fa-f]*") ? null : "its hash has characters other than hexadecimal digits";
    }
}
