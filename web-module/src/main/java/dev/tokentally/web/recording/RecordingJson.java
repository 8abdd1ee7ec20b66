package dev.tokentally.web.recording;

import dev.tokentally.recording.RecordingOverview;
import dev.tokentally.recording.RecordingStatus;
import dev.tokentally.usage.NodeState;
import dev.tokentally.usage.Partitions;
import dev.tokentally.usage.Retention;
import dev.tokentally.usage.Rollups;
import dev.tokentally.usage.SeenNode;
import jakarta.json.stream.JsonGenerator;

/** The state of recording as the API shows it. */
final class RecordingJson {

    private RecordingJson() {}

    static void write(RecordingOverview overview, JsonGenerator json) {
        json.write("store", overview.storeUp() ? "up" : "down");
        write(overview.here(), json);
        write(overview.partitions(), json);
        write(overview.retention(), json);
        write(overview.rollups(), json);
        json.writeStartArray("nodes");
        overview.nodes().forEach(node -> write(node, json));
        json.writeEnd();
    }

    private static void write(RecordingStatus status, JsonGenerator json) {
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

    private static void write(Partitions partitions, JsonGenerator json) {
        if (partitions == null) {
            json.writeNull("partitions");
            return;
        }
        json.writeStartObject("partitions")
                .write("state", partitions.state())
                .write("done", partitions.done())
                .write("total", partitions.total())
                .writeEnd();
    }

    private static void write(Retention retention, JsonGenerator json) {
        if (retention == null) {
            json.writeNull("retention");
            return;
        }
        json.writeStartObject("retention");
        write("kept_from", retention.keptFrom(), json);
        json.write("dropped_calls", retention.droppedCalls())
                .write("too_old", retention.tooOld())
                .writeEnd();
    }

    private static void write(Rollups rollups, JsonGenerator json) {
        if (rollups == null) {
            json.writeNull("rollups");
            return;
        }
        json.writeStartObject("rollups")
                .write("behind_seconds", rollups.behindSeconds())
                .write("dirty", rollups.dirty())
                .writeEnd();
    }

    private static void write(SeenNode node, JsonGenerator json) {
        NodeState state = node.state();
        json.writeStartObject()
                .write("application", state.application())
                .write("node", state.node())
                .write("state", node.missing() ? "missing" : "alive");
        write("last_seen", node.lastSeen(), json);
        json.write("mode", state.mode()).write("circuit", state.circuit()).write("waiting", state.waiting());
        write("oldest", state.oldest(), json);
        json.write("rejected", state.rejected())
                .write("dropped", state.dropped())
                .write("without_scope", state.withoutScope())
                .writeEnd();
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
