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

    /** A place for an invocation, with its entry in the table and what the list of open ones takes. */
    private static final int PLACE = 200;

    private final boolean ofAllTenants;
    private final ReportMemory memory;
    private final Invocations invocations = new Invocations();
    private final Block total;
    private final Map<String, Block> models = new HashMap<>();
    private final Map<String, Map<String, Invocations.Open>> withinModel = new HashMap<>();
    private final Map<String, Invocations.Open> acrossModels = new HashMap<>();
    private String tenant;
    private String callId;

    ByModel(boolean ofAllTenants, ReportMemory memory) throws ReportTooLargeException {
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
        Block block = models.get(model);
        if (block == null) {
            memory.take(model, 0);
            block = new Block(memory);
            models.put(model, block);
        }
        block.add(call);
        Map<String, Invocations.Open> places = withinModel.computeIfAbsent(operation, name -> new HashMap<>());
        place(model, block, places).add(call);
        place(operation, total, acrossModels).add(call);
    }

    private Invocations.Open place(String name, Block block, Map<String, Invocations.Open> places)
            throws ReportTooLargeException {
        Invocations.Open place = places.get(name);
        if (place == null) {
            memory.take(name, PLACE);
            place = invocations.of(block.perInvocation);
            places.put(name, place);
        }
        return place;
    }

    @Override
    public FigureTable end() throws ReportTooLargeException {
        invocations.end();
        FigureTable figures = new FigureTable(memory);
        for (Map.Entry<String, Block> model : models.entrySet()) {
            figures.put(Map.of(MODEL, model.getKey()), model.getValue());
            total.addCalls(model.getValue());
        }
        figures.put(Map.of(), total);
        return figures;
    }
}
