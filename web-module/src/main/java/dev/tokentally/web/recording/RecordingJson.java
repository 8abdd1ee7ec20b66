package dev.tokentally.web.recording;

import dev.tokentally.recording.RecordingStatus;
import jakarta.json.stream.JsonGenerator;

/** The state of recording as the API shows it. */
final class RecordingJson {

    private RecordingJson() {}

    static void write(RecordingStatus status, JsonGenerator json) {
        json.write("mode", status.mode().label()).write("circuit", status.circuit());
        write("store_down_since", status.storeDownSince(), json);
        json.write("waiting", status.waiting());
        write("oldest", status.oldest(), json);
        json.write("rejected", status.rejected())
                .write("dropped", status.dropped())
                .write("without_scope", status.withoutScope())
                .write("damaged", status.damaged());
        write("directory", status.directory(), json);
    }

    /** An instant's text is ISO-8601 in UTC. */
    private static void write(String name, Object value, JsonGenerator json) {
        if (value == null) {
            json.writeNull(name);
        } else {
            json.write(name, value.toString());
        }
    }
}
