package dev.tokentally.persistence;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Decides how many cells the driver fetches at a time. A cell has a hundred bytes or many megabytes, and the driver holds all that it
 * fetched. Only the first large cells after many small ones may still come together. Used for one result.
 */
final class CellFetch {

    /** The cells that are fetched together take about so many bytes, if they are as large as those before. */
    private static final int BYTES = 32 << 20;

    /** The size of the first cells is not known. */
    private static final int FIRST = 4;

    private static final int MOST = 100;

    /** Each tenant has some large cells and some hundred small ones. So the size of the large ones is forgotten slowly. */
    private static final int MEMORY_OF_CELLS = 500;

    /** The size of the largest cell of late. */
    private int large;

    ResultSet execute(PreparedStatement statement) throws SQLException {
        statement.setFetchSize(FIRST);
        return statement.executeQuery();
    }

    /** Returns the cell of the current row. */
    byte[] cell(ResultSet rows, int column) throws SQLException {
        byte[] cell = rows.getBytes(column);
        large = Math.max(cell.length, large - large / MEMORY_OF_CELLS);
        rows.setFetchSize(Math.max(1, Math.min(MOST, BYTES / Math.max(1, large))));
        return cell;
    }
}
