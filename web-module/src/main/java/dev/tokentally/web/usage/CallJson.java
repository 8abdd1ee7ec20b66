package dev.tokentally.web.usage;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.web.json.PlainDecimal;
import jakarta.json.stream.JsonGenerator;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** A recorded call as the API shows it, under the names of its columns. */
final class CallJson {

    /** ISO-8601 in UTC, always with the six decimals that are stored. */
    static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private CallJson() {}

    static void write(CallRecord call, JsonGenerator json) {
        json.writeStartObject()
                .write("id", call.id().toString())
                .write("call_id", call.callId().toString())
                .write("tenant_id", call.tenantId())
                .write("operation", call.operation())
                .write("started_at", MICROSECONDS.format(call.startedAt()))
                .write("call_duration_ms", call.callDuration().toMillis());
        write("first_token_ms", call.firstToken(), json);
        json.write("provider", call.provider())
                .write("model", call.model())
                .write("input_tokens", call.tokens().input())
                .write("output_tokens", call.tokens().output())
                .write("cached_input_tokens", call.tokens().cachedInput())
                .write("cache_write_tokens", call.tokens().cacheWrite())
                .write("reasoning_tokens", call.tokens().reasoning())
                .write("cost_usd", PlainDecimal.of(call.costUsd()))
                .write("cost_source", call.costSource().label())
                .write("status", call.status().label());
        write("error_class", call.errorClass(), json);
        json.writeEnd();
    }

    private static void write(String name, Duration value, JsonGenerator json) {
        if (value == null) {
            json.writeNull(name);
        } else {
            json.write(name, value.toMillis());
        }
    }

    private static void write(String name, String value, JsonGenerator json) {
        if (value == null) {
            json.writeNull(name);
        } else {
            json.write(name, value);
        }
    }
}
