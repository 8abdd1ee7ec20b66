package dev.tokentally.it.customer.start;

import jakarta.ejb.Stateless;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;

/** A business method that uses a data source. */
@Stateless
public class Shop {

    /** Runs a query on the database. */
    public int ask(String dataSource) throws NamingException, SQLException {
        DataSource store = InitialContext.doLookup(dataSource);
        try (Connection connection = store.getConnection();
                PreparedStatement select = connection.prepareStatement("select 42");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }
}
