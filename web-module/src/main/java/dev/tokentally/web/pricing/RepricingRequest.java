package dev.tokentally.web.pricing;

import dev.tokentally.usage.Window;
import dev.tokentally.web.body.JsonFields;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

/** The calls whose cost is computed again, and whether this is a dry run. It is one unless the client says otherwise. */
record RepricingRequest(Window window, boolean dryRun) {

    private static final String FROM = "from";
    private static final String TO = "to";
    private static final String DRY_RUN = "dry_run";

    static RepricingRequest parse(byte[] body) {
        JsonFields fields = JsonFields.parse(body, List.of(FROM, TO), List.of(DRY_RUN));
        try {
            return new RepricingRequest(
                    new Window(instant(FROM, fields), instant(TO, fields)), fields.flag(DRY_RUN, true));
        } catch (IllegalArgumentException noWindow) {
            throw invalid(noWindow.getMessage());
        }
    }

    private static Instant instant(String field, JsonFields fields) {
        String text = fields.optional(field).orElse(null);
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw invalid(field + " must be a timestamp with an offset, such as 2026-01-31T00:00:00Z");
        }
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(ProblemKind.VALIDATION_ERROR, detail);
    }
}
