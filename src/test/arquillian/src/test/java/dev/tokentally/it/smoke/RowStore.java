package dev.tokentally.it.smoke;

import jakarta.ejb.Stateless;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;

/** Writes and reads a row in a transaction of the container. */
@Stateless
public class RowStore {
    public void write(String jndiName, String text) throws NamingException, SQLException {
        try (Connection connection = dataSource(jndiName).getConnection();
                Statement create = connection.createStatement();
                PreparedStatement insert = connection.prepareStatement("insert into smoke (text) values (?)")) {
            insert.setString(1, text);
            insert.executeUpdate();
        }
    }

    public void createTable(String jndiName) throws NamingException, SQLException {
        try (Connection connection = dataSource(jndiName).getConnection();
                Statement create = connection.createStatement()) {
            create.execute("create table if not exists smoke (text varchar(64))");
        }
    }

    public long count(String jndiName, String text) throws NamingException, SQLException {
        try (Connection connection = dataSource(jndiName).getConnection();
                PreparedStatement count = connection.prepareStatement("select count(*) from smoke where text = ?")) {
            count.setString(1, text);
            try (ResultSet row = count.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static DataSource dataSource(String jndiName) throws NamingException {
        return InitialContext.doLookup(jndiName);
    }
}
