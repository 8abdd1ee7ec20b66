package dev.tokentally.persistence;

import java.util.List;

/**
 * What takes long over a table that is large, and is therefore done beside recording: not by Flyway, whose scripts every
 * record waits for.
 *
 * @param name for the log
 * @param isDone a query of one boolean: whether there is nothing left to do
 * @param statements each is carried out by itself, outside a transaction; what an earlier try did of them does no harm
 */
record LongStep(String name, String isDone, List<String> statements) {}
