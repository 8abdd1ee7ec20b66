package dev.tokentally.web.usage;

import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.web.json.JsonBody;
import dev.tokentally.web.problem.UnexpectedFailure;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonGenerator;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;

/** A list of calls as an answer that is sent while it is read. */
final class CallAnswer {

    /** The weights are for a caller that accepts anything: it gets JSON. */
    static final String JSON = "application/json;qs=1";

    static final String CSV = "text/csv;qs=0.5";

    private static final String KEPT_FROM = "X-Calls-Kept-From";

    private static final Logger LOG = System.getLogger(CallAnswer.class.getName());

    private CallAnswer() {}

    static Response json(CallList calls) {
        StreamingOutput body = out -> send(() -> {
            JsonGenerator json = JsonBody.generator(out);
            json.writeStartObject().writeStartArray("calls");
            CallPosition next = calls.send(call -> CallJson.write(call, json));
            json.writeEnd();
            if (next == null) {
                json.writeNull("next_cursor");
            } else {
                json.write("next_cursor", Cursor.of(next));
            }
            ReportJson.writeCallsKeptFrom(calls.callsKeptFrom(), json);
            json.writeEnd().flush();
        });
        return Response.ok(body, MediaType.APPLICATION_JSON).build();
    }

    /** CSV has no place for a note, so a header says from when on it has calls. */
    static Response csv(CallList calls) throws UsageStoreException {
        Instant keptFrom = calls.callsKeptFrom();
        StreamingOutput body = out -> send(() -> CallCsv.write(calls, keptFrom, out));
        return Response.ok(body, "text/csv;charset=UTF-8;header=present")
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"llm-calls.csv\"")
                // A header whose value is null is left out.
                .header(KEPT_FROM, keptFrom)
                .build();
    }

    /**
     * A failure here is in the middle of an answer. Nothing is thrown, since Payara would still end such an answer as if it were
     * complete, and would log each client that goes away. The text that was sent shows that the answer is not complete.
     */
    private static void send(Sending sending) {
        try {
            sending.run();
        } catch (UsageStoreException e) {
            LOG.log(Level.WARNING, "A list of calls broke off while it was sent: " + e.getMessage());
        } catch (UncheckedIOException | JsonException clientIsGone) {
            LOG.log(Level.DEBUG, "A client went away before it had its list of calls");
        } catch (RuntimeException e) {
            UnexpectedFailure.logged(e);
        }
    }

    private interface Sending {
        void run() throws UsageStoreException;
    }
}
