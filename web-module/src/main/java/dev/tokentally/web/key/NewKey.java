package dev.tokentally.web.key;

import java.security.SecureRandom;
import java.util.Base64;

/**
 * A key that has just been made. The module knows the key itself only at this moment.
 *
 * @param key what a client sends
 * @param configured the entry that must be configured for it
 */
record NewKey(String key, ApiKey configured) {

    /** The beginning of every key that is made here, so that people and scanners recognise a key in a wrong place. */
    static final String PREFIX = "tk_";

    private static final int BYTES = 32;

    static NewKey of(NewKeyRequest request, SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String key = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        return new NewKey(key, new ApiKey(request.tenant(), request.role(), KeyHash.of(key)));
    }

    /** It does not show the key, in case it is logged by mistake. */
    @Override
    public String toString() {
        return "NewKey[tenant=" + configured.tenant() + ", role=" + configured.role() + "]";
    }
}
