package dev.tokentally.benchmarks;

/** The tenant and the operation, as an application without Tokentally would keep them on its thread. */
record Caller(String tenant, String operation) {}
