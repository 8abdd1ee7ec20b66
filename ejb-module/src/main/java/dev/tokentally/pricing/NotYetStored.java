package dev.tokentally.pricing;

import dev.tokentally.usage.NodeState;
import dev.tokentally.usage.SeenNode;
import dev.tokentally.usage.Window;
import java.util.ArrayList;
import java.util.List;

/** Says which calls a repricing could not reach, since their records are still on the disk of a node. */
final class NotYetStored {

    static final String WHAT_TO_DO = "A record that is stored later has the price of its call. "
            + "Run this repricing again when GET /recording shows that no record waits or is set aside.";

    private NotYetStored() {}

    static List<String> notes(List<SeenNode> nodes, Window window) {
        long waiting = 0;
        long rejected = 0;
        long missing = 0;
        for (SeenNode node : nodes) {
            NodeState state = node.state();
            boolean beginsLater = window.to() != null
                    && state.oldest() != null
                    && !state.oldest().isBefore(window.to());
            waiting += beginsLater ? 0 : state.waiting();
            rejected += state.rejected();
            missing += node.missing() ? 1 : 0;
        }
        List<String> notes = new ArrayList<>();
        if (waiting > 0 || rejected > 0) {
            notes.add("Not all records were stored: " + waiting + " waited and " + rejected
                    + " were set aside, of this window or of other times. " + WHAT_TO_DO);
        }
        if (missing > 0) {
            notes.add(
                    "Applications that have not reported for half a minute, so it is not known how many records wait there: "
                            + missing + ". " + WHAT_TO_DO);
        }
        return List.copyOf(notes);
    }
}
