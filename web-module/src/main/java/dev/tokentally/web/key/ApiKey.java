package dev.tokentally.web.key;

import java.util.HexFormat;

/**
 * A configured key. The key itself is not known here, only its hash.
 *
 * @param tenant the tenant to which it belongs; a call scope accepts this name
 * @param role what it may do
 * @param sha256 of the key's UTF-8 bytes
 */
record ApiKey(String tenant, Role role, byte[] sha256) {

    private static final int HASH_BYTES = 32;

    /** A message never quotes the entry: somebody may have put the key itself there, in any of its parts. */
    ApiKey {
        String fault = TenantName.fault(tenant);
        if (fault != null) {
            throw new IllegalArgumentException("its tenant " + fault);
        }
        if (sha256.length != HASH_BYTES) {
            throw new IllegalArgumentException("its hash has " + sha256.length + " bytes");
        }
    }

    static ApiKey parse(String entry) {
        if (entry.isBlank()) {
            throw new IllegalArgumentException("it is empty");
        }
        String[] parts = entry.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("it has " + parts.length + " part(s) between colons instead of 3");
        }
        return new ApiKey(parts[0].strip(), Role.ofLabel(parts[1].strip()), hash(parts[2].strip()));
    }

    private static byte[] hash(String hex) {
        if (hex.length() != 2 * HASH_BYTES) {
            throw new IllegalArgumentException("its hash has " + hex.length() + " characters instead of 64");
        }
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException notHex) {
            // The exception is not passed as the cause either, since its message quotes the text.
            throw new IllegalArgumentException("its hash has characters other than hexadecimal digits");
        }
    }

    /** The entry in the form of the configuration; {@link #parse} reads it. */
    String entry() {
        return tenant + ":" + role.label() + ":" + HexFormat.of().formatHex(sha256);
    }

    boolean grantsTheSameAs(ApiKey other) {
        return tenant.equals(other.tenant) && role == other.role;
    }
}
