package dev.tokentally.recording;

import dev.tokentally.config.Setting;

/** A user is to be erased, and there is no key to make hashes of names with. */
public final class HashKeyMissingException extends Exception {

    private static final long serialVersionUID = 1L;

    HashKeyMissingException() {
        super(Setting.USER_HASH_KEY.key() + " is not set");
    }
}
