package dev.tokentally.config;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes pseudonyms for users' names: the HMAC-SHA256 of a name with a secret key. With the same key, a name always has
 * the same pseudonym. The key is never shown. Safe for use by many threads.
 */
public final class UserHash {

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    /**
     * Takes the key.
     *
     * @param key the secret; not empty
     */
    UserHash(String key) {
        this.key = new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    }

    /**
     * The pseudonym of a user.
     *
     * @param user the name; not null
     * @return 64 hexadecimal digits, in lower case
     */
    public String of(String user) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return HexFormat.of().formatHex(mac.doFinal(user.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException notOnThisJdk) {
            // Every JDK must have this algorithm.
            throw new IllegalStateException(notOnThisJdk);
        }
    }
}
