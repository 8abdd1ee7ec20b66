/** Clocks that never go back, and the pauses between tries. */
package dev.tokentally.time;
