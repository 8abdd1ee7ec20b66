package dev.tokentally.it;

import java.net.URI;

/** A server in a process of its own, beside the one of this run, that a test may kill. */
interface Node {

    /** Waits until a path answers with a status. */
    void awaitAnswer(String path, int status) throws InterruptedException;

    URI uri(String path);

    ServerLog log();

    ServerProcess process();

    /** Ends it politely. */
    void stop();

    /** Ends it with SIGKILL. */
    void kill();
}
