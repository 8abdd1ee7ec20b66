package dev.tokentally.persistence;

import static dev.tokentally.usage.Dimension.MODEL;
import static dev.tokentally.usage.Dimension.OPERATION;
import static dev.tokentally.usage.Dimension.TENANT;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.ReportTooLargeException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A block for each model, where an invocation is within the model and an operation, and the total, where it is not. */
final class ByModel implements ReportInTheMaking {

    private final boolean ofAllTenants;
    private final ReportMemory memory;
    private final Invocations invocations = new Invocations();
    private final Block total;
    private final Map<String, Block> models = new HashMap<>();
    private final Map<String, Map<String, Invocations.Open>> withinModel = new HashMap<>();
    private final Map<String, Invocations.Open> acrossModels = new HashMap<>();
    private String tenant;
    private String callId;

    ByModel(boolean ofAllTenants, ReportMemory memory) {
        this.ofAllTenants = ofAllTenants;
        this.memory = memory;
        this.total = new Block(memory);
    }

    @Override
    public List<Dimension> names() {
        return ofAllTenants ? List.of(OPERATION, MODEL, TENANT) : List.of(OPERATION, MODEL);
    }

    @Override
    public void add(ResultSet row) throws SQLException, ReportTooLargeException {
        ReportedCall call = ReportedCall.read(row, names().size());
        String of = ofAllTenants ? row.getString(3) : null;
        if (!call.callId().equals(callId) || ofAllTenants && !of.equals(tenant)) {
            invocations.end();
            callId = call.callId();
            tenant = of;
        }
        String operation = row.getString(1);
        String model = row.getString(2);
        Block block = models.computeIfAbsent(model, name -> new Block(memory));
        block.add(call);
        withinModel
                .computeIfAbsent(operation, name -> new HashMap<>())
                .computeIfAbsent(model, name -> invocations.of(block.perInvocation))
                .add(call);
        acrossModels
                .computeIfAbsent(operation, name -> invocations.of(total.perInvocation))
                .add(call);
    }

    @Override
    public FigureTable end() throws ReportTooLargeException {
        invocations.end();
        FigureTable figures = new FigureTable();
        for (Map.Entry<String, Block> model : models.entrySet()) {
            figures.put(Map.of(MODEL, model.getKey()), model.getValue());
            total.addCalls(model.getValue());
        }
        figures.put(Map.of(), total);
        return figures;
    }
}
