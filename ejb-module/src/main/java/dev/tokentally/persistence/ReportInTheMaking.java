package dev.tokentally.persistence;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.ReportTooLargeException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Is given the calls of {@link ReportSql#figures} one by one, and then has the figures. */
interface ReportInTheMaking {

    /** What a call's row begins with. */
    List<Dimension> names();

    void add(ResultSet row) throws SQLException, ReportTooLargeException;

    FigureTable end() throws ReportTooLargeException;
}
