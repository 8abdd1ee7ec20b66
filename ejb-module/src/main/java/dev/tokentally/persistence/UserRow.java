package dev.tokentally.persistence;

import java.time.Instant;
import java.util.UUID;

/**
 * The data of a row that erasing needs.
 *
 * @param user as it is in the row; null where there is none
 * @param createdAt when it was written, by the store's clock
 */
record UserRow(Instant startedAt, UUID id, String user, Instant createdAt) {}
