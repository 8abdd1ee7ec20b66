package dev.tokentally.persistence;

import java.sql.SQLException;

/** A cell is damaged, or a newer release has written it. The report reads the calls instead. */
final class UnreadableCellException extends SQLException {

    private static final long serialVersionUID = 1L;

    /**
     * Says that the cell cannot be read.
     *
     * @param cause what went wrong; null if the cell has another version
     */
    UnreadableCellException(RuntimeException cause) {
        super("a cell of tokentally_rollups is damaged, or another release has written it", cause);
    }
}
