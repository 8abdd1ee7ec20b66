/** What recording costs, beside what others cost, and the one table of it. */
package dev.tokentally.benchmarks;
