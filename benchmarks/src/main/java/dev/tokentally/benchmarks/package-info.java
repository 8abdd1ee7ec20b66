/** Measures the cost of recording, compares it with that of other tools and makes one table of the results. */
package dev.tokentally.benchmarks;
