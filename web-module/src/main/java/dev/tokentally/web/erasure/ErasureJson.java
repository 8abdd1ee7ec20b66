package dev.tokentally.web.erasure;

import dev.tokentally.usage.Erasure;
import jakarta.json.stream.JsonGenerator;

/** The state of an erasure as the API shows it. */
final class ErasureJson {

    private ErasureJson() {}

    static void write(Erasure erasure, JsonGenerator json) {
        json.write("id", erasure.id().toString())
                .write("state", erasure.state().label())
                .write("rows_done", erasure.rowsDone());
        if (erasure.rowsTotal() == null) {
            json.writeNull("rows_total");
        } else {
            json.write("rows_total", erasure.rowsTotal());
        }
        json.write("started_at", erasure.startedAt().toString());
        if (erasure.endedAt() == null) {
            json.writeNull("ended_at");
        } else {
            json.write("ended_at", erasure.endedAt().toString());
        }
    }
}
