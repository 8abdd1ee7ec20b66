package dev.tokentally.persistence;

import java.sql.SQLException;

/** A newer release has written this cell. The report reads the calls instead. */
final class UnreadableCellException extends SQLException {

    private static final long serialVersionUID = 1L;

    UnreadableCellException() {
        super("another release has written a cell of tokentally_rollups");
    }
}
