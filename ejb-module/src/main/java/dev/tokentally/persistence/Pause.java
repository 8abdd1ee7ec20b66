package dev.tokentally.persistence;

/** A wait that an interrupt ends. The interrupt is not lost. */
final class Pause {

    private Pause() {}

    /** Waits. Returns false if the thread was interrupted meanwhile; it stays interrupted then. */
    static boolean sleep(int millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
