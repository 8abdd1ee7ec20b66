package dev.tokentally.usage;

/**
 * How far the figures of closed intervals are, from which reports are made.
 *
 * @param behindSeconds how many seconds of the past have no figures yet that could have some; 0 if none
 * @param dirty how many intervals of tenants have changed since they were closed, and are to be made again
 */
public record Rollups(long behindSeconds, long dirty) {}
