package dev.tokentally.web.recording;

import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.RejectedCall;
import dev.tokentally.web.usage.Cursor;
import jakarta.json.stream.JsonGenerator;
import java.util.List;

/** Refused records as the API shows them. */
final class RejectedJson {

    private RejectedJson() {}

    /** Writes as many of the found records as the client asked for and, if there are more, where the list continues. */
    static void write(List<RejectedCall> found, int limit, JsonGenerator json) {
        json.writeStartArray("rejected");
        found.stream().limit(limit).forEach(call -> write(call, json));
        json.writeEnd();
        if (found.size() > limit) {
            RejectedCall last = found.get(limit - 1);
            json.write("next_cursor", Cursor.of(new CallPosition(last.rejectedAt(), last.id())));
        } else {
            json.writeNull("next_cursor");
        }
    }

    /** An instant's text is ISO-8601 in UTC. */
    private static void write(RejectedCall call, JsonGenerator json) {
        json.writeStartObject()
                .write("id", call.id().toString())
                .write("tenant_id", call.tenantId())
                .write("operation", call.operation())
                .write("started_at", call.startedAt().toString())
                .write("rejected_at", call.rejectedAt().toString())
                .write("tries", call.tries());
        if (call.nextTry() == null) {
            json.writeNull("next_try");
        } else {
            json.write("next_try", call.nextTry().toString());
        }
        json.write("reason", call.reason())
                .write("application", call.application())
                .write("node", call.node())
                .writeEnd();
    }
}
