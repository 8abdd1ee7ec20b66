package dev.tokentally.recording;

import dev.tokentally.usage.UsageStoreException;

/** One try of something that may be tried again when it ends with a connection failure. */
@FunctionalInterface
interface Attempt {

    void make() throws UsageStoreException;
}
