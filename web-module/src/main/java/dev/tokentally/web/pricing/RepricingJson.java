package dev.tokentally.web.pricing;

import dev.tokentally.pricing.RepricedCalls;
import dev.tokentally.pricing.RepricingStatus;
import dev.tokentally.web.json.PlainDecimal;
import jakarta.json.stream.JsonGenerator;

/** The state of a repricing as the API shows it. */
final class RepricingJson {

    private RepricingJson() {}

    static void write(RepricingStatus status, JsonGenerator json) {
        json.write("id", status.id().toString());
        write("from", status.window().from(), json);
        write("to", status.window().to(), json);
        write("calls_kept_from", status.callsKeptFrom(), json);
        json.write("dry_run", status.dryRun()).write("state", status.state().label());
        write("fault", status.fault(), json);
        write("started_at", status.startedAt(), json);
        write("ended_at", status.endedAt(), json);
        write("reached", status.reached(), json);
        json.write("calls_read", status.callsRead()).writeStartObject("total");
        write(status.total(), json);
        json.writeEnd().writeStartArray("models");
        for (RepricedCalls model : status.models()) {
            json.writeStartObject();
            write("provider", model.provider(), json);
            write("model", model.model(), json);
            write(model, json);
            json.writeEnd();
        }
        json.writeEnd().writeStartArray("notes");
        status.notes().forEach(json::write);
        json.writeEnd();
    }

    private static void write(RepricedCalls calls, JsonGenerator json) {
        json.write("calls", calls.calls())
                .write("changes", calls.changes())
                .write("without_price", calls.withoutPrice())
                .write("changed_meanwhile", calls.changedMeanwhile())
                .write("cost_before_usd", PlainDecimal.of(calls.costBeforeUsd()))
                .write("cost_after_usd", PlainDecimal.of(calls.costAfterUsd()));
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
