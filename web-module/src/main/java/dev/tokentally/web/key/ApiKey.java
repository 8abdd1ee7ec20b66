package dev.tokentally.web.key;

import dev.tokentally.usage.CallRecord;
import java.util.HexFormat;

/**
 * A key that is configured; the key itself is not known here.
 *
 * @param tenant whose it is, fit to enter a call scope
 * @param role what it may do
 * @param sha256 of the key's UTF-8 bytes
 */
record ApiKey(String tenant, Role role, byte[] sha256) {

    private static final int HASH_BYTES = 32;

    /** A message never quotes the entry: somebody may have put the key itself there, in any of its parts. */
    ApiKey {
        if (tenant.isBlank()) {
            throw new IllegalArgumentException("its tenant is blank");
        }
        if (tenant.length() > CallRecord.TENANT_LENGTH) {
            throw new IllegalArgumentException("its tenant has " + tenant.length() + " characters, at most "
                    + CallRecord.TENANT_LENGTH + " are allowed");
        }
        if (!tenant.codePoints().allMatch(ApiKey::allowedInTenant)) {
            throw new IllegalArgumentException("its tenant holds a control character or half a character");
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
            // Not as the cause either: its message quotes the text.
            throw new IllegalArgumentException("its hash holds something else than hexadecimal digits");
        }
    }

    boolean grantsTheSameAs(ApiKey other) {
        return tenant.equals(other.tenant) && role == other.role;
    }

    /** As a call scope has it, which else would refuse each of the tenant's calls. */
    private static boolean allowedInTenant(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                false;
            default -> true;
        };
    }
}
