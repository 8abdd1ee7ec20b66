package dev.tokentally.run;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * An API key that is created for one run.
 *
 * @param tenant the key's tenant
 * @param role {@code tenant} or {@code admin}
 * @param secret the key that a client sends; the server gets only its hash
 */
record NewKey(String tenant, String role, String secret) {

    /** The beginning of every key, as of those that the API makes. People and scanners recognise it in a wrong place. */
    private static final String PREFIX = "tk_";

    private static final int BYTES = 32;

    static NewKey of(String tenant, String role, SecureRandom random) {
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        return new NewKey(
                tenant, role, PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
    }

    /** The entry of {@code tokentally.api-keys}. */
    String entry() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            return tenant + ":" + role + ":" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
