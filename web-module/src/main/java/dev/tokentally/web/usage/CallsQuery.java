package dev.tokentally.web.usage;

import dev.tokentally.web.problem.OneLine;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.util.List;
import java.util.Map;

/** The query parameters of {@code GET /usage/calls}. */
record CallsQuery(int limit) {

    private static final String LIMIT = "limit";
    private static final int DEFAULT_LIMIT = 20;
    private static final int MAX_LIMIT = 1000;

    /** So many digits at most that the number cannot overflow. */
    private static final int MAX_DIGITS = 9;

    static CallsQuery of(Map<String, List<String>> parameters) {
        for (String name : parameters.keySet()) {
            if (!name.equals(LIMIT)) {
                throw invalid("unknown parameter " + OneLine.of(name) + "; known is " + LIMIT);
            }
        }
        List<String> limit = parameters.get(LIMIT);
        if (limit == null) {
            return new CallsQuery(DEFAULT_LIMIT);
        }
        if (limit.size() > 1) {
            throw invalid(LIMIT + " is there " + limit.size() + " times");
        }
        return new CallsQuery(number(limit.get(0)));
    }

    private static int number(String value) {
        boolean digits = value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || value.isEmpty() || value.length() > MAX_DIGITS) {
            throw outOfRange();
        }
        int number = Integer.parseInt(value);
        if (number < 1 || number > MAX_LIMIT) {
            throw outOfRange();
        }
        return number;
    }

    private static ProblemException outOfRange() {
        return invalid(LIMIT + " must be a whole number from 1 to " + MAX_LIMIT);
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(ProblemKind.VALIDATION_ERROR, detail);
    }
}
