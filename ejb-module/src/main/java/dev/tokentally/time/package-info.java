/** Clocks that never go back, the pauses between tries, and threads that are made again. */
package dev.tokentally.time;
