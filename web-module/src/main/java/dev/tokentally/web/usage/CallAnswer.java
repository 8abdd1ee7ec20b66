package dev.tokentally.web.usage;

import dev.tokentally.usage.CallPosition;
import dev.tokentally.web.json.JsonBody;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;

/** A list of calls as an answer that is sent while it is read. */
final class CallAnswer {

    /** The weights are for a caller that accepts anything: it gets JSON. */
    static final String JSON = "application/json;qs=1";

    static final String CSV = "text/csv;qs=0.5";

    private CallAnswer() {}

    static Response json(CallList calls) {
        StreamingOutput body = out -> JsonBody.stream(out, json -> {
            json.writeStartArray("calls");
            CallPosition next = calls.send(call -> CallJson.write(call, json));
            json.writeEnd();
            if (next == null) {
                json.writeNull("next_cursor");
            } else {
                json.write("next_cursor", Cursor.of(next));
            }
        });
        return Response.ok(body, MediaType.APPLICATION_JSON).build();
    }

    static Response csv(CallList calls) {
        StreamingOutput body = out -> CallCsv.write(calls, out);
        return Response.ok(body, "text/csv;charset=UTF-8;header=present")
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"llm-calls.csv\"")
                .build();
    }
}
