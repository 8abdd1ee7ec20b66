package dev.tokentally.it.customer.start;

import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.sql.SQLException;
import javax.naming.NamingException;

/** Shows that the application has started. */
@Path("/shop")
@RequestScoped
public class ShopResource {

    @EJB
    Shop shop;

    /** Answers when the application can do its work. */
    @GET
    public String open(@QueryParam("source") String dataSource) throws NamingException, SQLException {
        return "open " + shop.ask(dataSource);
    }
}
