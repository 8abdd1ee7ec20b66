/**
 * The domain: the record of a call attempt, and the ports for writing and reading records. {@link dev.tokentally.usage.NodeState} is
 * what one application on one node writes to the store about its recording, for all nodes to read.
 */
package dev.tokentally.usage;
