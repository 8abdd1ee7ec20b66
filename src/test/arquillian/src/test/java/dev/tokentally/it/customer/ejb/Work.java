package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.CallContext;
import dev.tokentally.scope.LlmOperation;
import jakarta.annotation.Resource;
import jakarta.ejb.EJBContext;
import jakarta.ejb.Stateless;
import jakarta.inject.Inject;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;

/** A customer's service. It works in a transaction of its own business and asks the model during the transaction. */
@Stateless
public class Work {

    @Inject
    @InEjbModule
    LlmPort model;

    @Inject
    CallContext context;

    @Resource
    EJBContext ejb;

    @Resource
    TransactionSynchronizationRegistry transaction;

    /** Writes a row of its own and asks the model in the container's transaction, which then rolls back. */
    public String rolledBack(String script, String dataSource, UUID row) throws NamingException, SQLException {
        DataSource business = InitialContext.doLookup(dataSource);
        try (Connection connection = business.getConnection();
                PreparedStatement insert = connection.prepareStatement("insert into business values (?)")) {
            insert.setObject(1, row);
            insert.executeUpdate();
        }
        model.complete(LlmRequest.of("", script, "", String.class));
        ejb.setRollbackOnly();
        return statusName();
    }

    /** Asks the model in the container's transaction, which then commits. Returns the transaction's state after the call. */
    public String committed(String script) {
        model.complete(LlmRequest.of("", script, "", String.class));
        return statusName();
    }

    /** The annotation enters the scope, for the tenant that the application's resolver names. */
    @LlmOperation("annotated")
    public UUID annotated() {
        model.complete(LlmRequest.of("", "ok", "", String.class));
        return context.callId();
    }

    private String statusName() {
        return switch (transaction.getTransactionStatus()) {
            case Status.STATUS_ACTIVE -> "active";
            case Status.STATUS_MARKED_ROLLBACK -> "marked";
            case Status.STATUS_NO_TRANSACTION -> "none";
            default -> "other";
        };
    }
}
