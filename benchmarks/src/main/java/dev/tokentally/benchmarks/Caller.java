package dev.tokentally.benchmarks;

/** Who calls and what for, as an application without Tokentally would keep it on its thread. */
record Caller(String tenant, String operation) {}
