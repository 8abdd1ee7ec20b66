package dev.tokentally.config;

/** When a record is written to the store: the values of {@code tokentally.recording.mode}. */
public enum RecordingMode {
    /** Before the call returns. Records that the store does not take go to the spool. */
    SYNC,
    /** Later: the record is in the spool before the call returns, and goes from there to the store in batches. */
    WRITE_BEHIND;

    /**
     * The value in the configuration.
     *
     * @return {@code sync} or {@code write-behind}
     */
    public String label() {
        return this == SYNC ? "sync" : "write-behind";
    }

    static RecordingMode ofLabel(String label) {
        for (RecordingMode mode : values()) {
            if (mode.label().equals(label)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(label);
    }
}
