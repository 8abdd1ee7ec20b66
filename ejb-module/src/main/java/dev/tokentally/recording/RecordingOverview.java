package dev.tokentally.recording;

import dev.tokentally.usage.Partitions;
import dev.tokentally.usage.Retention;
import dev.tokentally.usage.Rollups;
import dev.tokentally.usage.SeenNode;
import java.util.List;

/**
 * How recording goes here and elsewhere.
 *
 * @param here what recording is doing in this application on this node
 * @param storeUp whether the store answers and takes records
 * @param partitions how far the partitioning of the table of calls is; null while the store is out of reach
 * @param retention what was dropped of the table of calls; null while the store is out of reach
 * @param rollups how far the figures of closed intervals are; null while the store is out of reach, and if reports read calls only
 * @param nodes every application on every node, by name; only this one while the store is out of reach
 */
public record RecordingOverview(
        RecordingStatus here,
        boolean storeUp,
        Partitions partitions,
        Retention retention,
        Rollups rollups,
        List<SeenNode> nodes) {}
