package dev.tokentally.it;

import java.util.ArrayList;
import java.util.List;

/** The questions about many calls: every report and series, and who asks. */
record Question(String name, String tenant, String path) {

    /** The last 30 days of {@link ManyCalls}. */
    String in30Days() {
        return path + "from=" + ManyCalls.LAST_30_DAYS + "&to=" + ManyCalls.END;
    }

    /** Whether the answer has figures with their percentiles. */
    boolean isReport() {
        return !path.contains("/series");
    }

    static List<Question> of(String tenant) {
        String whose = tenant.equals(ManyCalls.TYPICAL_TENANT) ? "typical tenant: " : "largest tenant: ";
        List<Question> questions = new ArrayList<>();
        questions.add(new Question(whose + "/usage", tenant, "/usage?"));
        questions.add(new Question(whose + "/usage/by-model", tenant, "/usage/by-model?"));
        questions.add(series(whose, tenant, "/usage/series", "day", "operation"));
        questions.add(series(whose, tenant, "/usage/series", "hour", "model"));
        return questions;
    }

    static List<Question> ofAll() {
        List<Question> questions = new ArrayList<>();
        for (String report : List.of("by-tenant", "by-operation", "by-model")) {
            questions.add(new Question("/usage/all/" + report, Asked.ADMIN, "/usage/all/" + report + "?"));
        }
        questions.add(series("", Asked.ADMIN, "/usage/all/series", "day", "tenant"));
        questions.add(series("", Asked.ADMIN, "/usage/all/series", "hour", "operation"));
        return questions;
    }

    private static Question series(String whose, String tenant, String path, String bucket, String group) {
        return new Question(
                whose + path + " by " + bucket + " and " + group,
                tenant,
                path + "?bucket=" + bucket + "&zone=Europe/Amsterdam&group=" + group + "&");
    }
}
