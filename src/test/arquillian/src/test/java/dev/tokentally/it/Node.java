package dev.tokentally.it;

import java.net.URI;

/** A server in a process of its own, beside the server of this run. A test may kill it. */
interface Node {

    /** Waits until a path answers with a status. */
    void awaitAnswer(String path, int status) throws InterruptedException;

    URI uri(String path);

    ServerLog log();

    ServerProcess process();

    /** Stops it in order. */
    void stop();

    /** Kills it with SIGKILL. */
    void kill();
}
