package dev.tokentally.persistence;

import java.time.Instant;
import java.util.UUID;

/**
 * What erasing needs of a row.
 *
 * @param user as it is in the row; null where there is none
 * @param createdAt when it was written, by the store's clock
 */
record UserRow(Instant startedAt, UUID id, String user, Instant createdAt) {}
