package dev.tokentally.scope;

import dev.tokentally.text.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Collects which attributes are left out of a scope and why, and tells it in one line. */
final class LeftOut implements Consumer<IllegalArgumentException> {

    private static final int MOST_REASONS = 12;

    private final List<String> reasons = new ArrayList<>();
    private int more;

    @Override
    public void accept(IllegalArgumentException wrong) {
        if (reasons.size() < MOST_REASONS) {
            reasons.add(wrong.getMessage());
        } else {
            more++;
        }
    }

    /** Writes nothing if nothing was left out. */
    void tell(String giver, String scope, Summary log) {
        if (!reasons.isEmpty()) {
            log.add("Attributes that " + giver + " are left out, and the calls are recorded without them" + scope + ": "
                    + String.join("; ", reasons) + (more == 0 ? "" : "; and " + more + " more"));
        }
    }
}
