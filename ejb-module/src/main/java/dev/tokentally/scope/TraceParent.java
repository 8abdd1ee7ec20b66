package dev.tokentally.scope;

import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The {@code traceparent} header of a request, as W3C Trace Context describes it. */
final class TraceParent {

    static final String HEADER = "traceparent";

    private static final Logger LOG = QuietLog.of(TraceParent.class);

    // VERSION-TRACE-SPAN-FLAGS
    private static final int TRACE_AT = 3;
    private static final int SPAN_AT = TRACE_AT + CallTrace.TRACE_LENGTH + 1;
    private static final int FLAGS_AT = SPAN_AT + CallTrace.SPAN_LENGTH + 1;
    private static final int LENGTH = FLAGS_AT + 2;

    private TraceParent() {}

    /**
     * Reads the header. If it is wrong, there is one WARNING, which does not show it.
     *
     * @param headers all headers of that name
     * @param callId the id of the calls, which then have no trace
     * @return empty if there is no header, or none that can be used
     */
    static Optional<CallTrace> of(List<String> headers, UUID callId) {
        if (headers.isEmpty()) {
            return Optional.empty();
        }
        String header = headers.get(0).strip();
        String fault = headers.size() > 1 ? "there are " + headers.size() + " of them" : fault(header);
        if (fault != null) {
            LOG.log(
                    Level.WARNING,
                    "The traceparent header of a request is left out, and its calls are recorded without it, call_id="
                            + callId + ": " + fault);
            return Optional.empty();
        }
        return Optional.of(new CallTrace(traceId(header), spanId(header)));
    }

    /** Why the header cannot be used; null if it can. */
    private static String fault(String header) {
        if (header.length() < LENGTH) {
            return "it has " + header.length() + " characters, and at least " + LENGTH + " are needed";
        }
        String version = header.substring(0, TRACE_AT - 1);
        if (!CallTrace.isHex(version) || version.equals("ff")) {
            return "its version is not two lower-case hex digits other than ff";
        }
        if (header.length() > LENGTH && (version.equals("00") || header.charAt(LENGTH) != '-')) {
            return "it is longer than " + LENGTH + " characters, which its version does not allow or not in this way";
        }
        if (header.charAt(TRACE_AT - 1) != '-'
                || header.charAt(SPAN_AT - 1) != '-'
                || header.charAt(FLAGS_AT - 1) != '-') {
            return "its parts do not stand where they should";
        }
        if (!CallTrace.isId(traceId(header), CallTrace.TRACE_LENGTH)) {
            return "its trace id is not 32 lower-case hex digits other than zeros";
        }
        if (!CallTrace.isId(spanId(header), CallTrace.SPAN_LENGTH)) {
            return "its span id is not 16 lower-case hex digits other than zeros";
        }
        return CallTrace.isHex(header.substring(FLAGS_AT, LENGTH))
                ? null
                : "its flags are not two lower-case hex digits";
    }

    private static String traceId(String header) {
        return header.substring(TRACE_AT, SPAN_AT - 1);
    }

    private static String spanId(String header) {
        return header.substring(SPAN_AT, FLAGS_AT - 1);
    }
}
