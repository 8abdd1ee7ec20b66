package dev.tokentally.persistence;

import static dev.tokentally.usage.Dimension.OPERATION;
import static dev.tokentally.usage.Dimension.TENANT;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.ReportTooLargeException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A block for each operation, and so the total; over all tenants also one for each tenant, and each operation of it. What is
 * kept is the calls of one tenant and the sums over those before, by operation.
 */
final class ByOperation implements ReportInTheMaking {

    private final boolean ofAllTenants;
    private final ReportMemory memory;
    private final FigureTable figures;
    private final Invocations invocations = new Invocations();
    private final Map<String, Block> overall = new HashMap<>();
    private final Map<String, Part> parts = new HashMap<>();
    private String tenant;
    private String callId;

    ByOperation(boolean ofAllTenants, ReportMemory memory) {
        this.ofAllTenants = ofAllTenants;
        this.memory = memory;
        this.figures = new FigureTable(memory);
    }

    @Override
    public List<Dimension> names() {
        return ofAllTenants ? List.of(OPERATION, TENANT) : List.of(OPERATION);
    }

    @Override
    public void add(ResultSet row) throws SQLException, ReportTooLargeException {
        ReportedCall call = ReportedCall.read(row, names().size());
        String of = ofAllTenants ? row.getString(2) : null;
        if (ofAllTenants && !of.equals(tenant)) {
            endTenant();
            tenant = of;
            callId = null;
        }
        if (!call.callId().equals(callId)) {
            invocations.end();
            callId = call.callId();
        }
        String operation = row.getString(1);
        Part part = parts.get(operation);
        if (part == null) {
            memory.take(operation, Part.BYTES);
            part = new Part(new Block(memory));
            parts.put(operation, part);
        }
        part.block.add(call);
        part.invocation.add(call);
    }

    private void endTenant() throws ReportTooLargeException {
        invocations.end();
        Block total = new Block(memory);
        for (Map.Entry<String, Part> part : parts.entrySet()) {
            Block block = part.getValue().block;
            if (ofAllTenants) {
                figures.put(Map.of(TENANT, tenant, OPERATION, part.getKey()), block);
                total.addAll(block);
            }
            Block sum = overall.get(part.getKey());
            if (sum == null) {
                memory.take(part.getKey(), 0);
                sum = new Block(memory);
                overall.put(part.getKey(), sum);
            }
            sum.addAll(block);
            block.clear();
        }
        if (ofAllTenants && tenant != null) {
            figures.put(Map.of(TENANT, tenant), total);
        }
        total.clear();
        parts.clear();
    }

    @Override
    public FigureTable end() throws ReportTooLargeException {
        endTenant();
        Block total = new Block(memory);
        for (Map.Entry<String, Block> each : overall.entrySet()) {
            figures.put(Map.of(OPERATION, each.getKey()), each.getValue());
            total.addAll(each.getValue());
        }
        figures.put(Map.of(), total);
        return figures;
    }

    /** An operation of the tenant whose calls are being read. */
    private final class Part {

        private static final int BYTES = 150;

        private final Block block;
        private final Invocations.Open invocation;

        Part(Block block) {
            this.block = block;
            this.invocation = invocations.of(block.perInvocation);
        }
    }
}
